// One application: the status sentence, what is going on, and tabs.
import { html } from '../dom.js';
import * as format from '../format.js';
import { resetDelay } from '../actions.js';
import { appMenu } from './app_menu.js';
import { AppDeployments, RunningCard } from './app_deployments.js';
import { Configuration } from './app_configuration.js';
import { Debug } from './app_debug.js';
import { Instances } from './app_instances.js';
import { Versions } from './app_versions.js';
import { WhyPanel } from './why_panel.js';
import { HealthBar, Labels, StatusPill } from '../components/status.js';
import { Icon } from '../components/icon.js';
import { openMenu } from '../components/menu.js';
import { healthOf, healthText } from '../model/apps.js';
import { concerning, deploymentView } from '../model/deployments.js';
import { deploymentOf, explain, funnel } from '../model/explain.js';
import { lastName, parent, segments } from '../model/ids.js';
import { APP_TABS, appLink, listLink } from '../model/route.js';
import { go } from '../router.js';
import { apps, deployments, detail, explanation, isLoaded, now, queue, route } from '../store.js';

const TAB_NAMES = {
  instances: 'Instances', configuration: 'Configuration', versions: 'Versions', deployments: 'Deployments',
  debug: 'Debug',
};

// Where the server's reasons say more than the sentence.
const WHY_STATUSES = ['waiting', 'delayed', 'unhealthy', 'deploying'];

export function AppView() {
  const { id, tab } = route.value;
  const read = detail.value.id === id ? detail.value : { app: null, isMissing: false };
  const app = read.app ?? apps.value.get(id);
  if (app === undefined || read.isMissing) return html`<${Missing} id=${id} isKnown=${isLoaded.value || read.isMissing} />`;
  const item = queue.value.get(id);
  const running = deploymentOf(app, deployments.value);
  const view = running === undefined ? undefined : deploymentView(running);
  const why = explain(app, { queueItem: item, deployment: view, now: now.value });
  return html`<main class="app-view" id="main">
    <${Crumbs} id=${id} />
    <div class="app-head">
      <div class="app-title"><h1>${lastName(id)}</h1><${StatusPill} status=${why.status} />
        <${Labels} labels=${Object.entries(app.labels ?? {})} limit=${8}
          pick=${(key, value) => go(listLink({ group: '/', q: `${key}:${value}` }))} /></div>
      <${Actions} app=${app} status=${why.status} />
    </div>
    <${Sentence} app=${app} why=${why} item=${item} />
    ${WHY_STATUSES.includes(why.status) && html`<${WhyPanel} why=${explanation.value.id === id ? explanation.value.why : undefined} />`}
    <${Vitals} app=${app} />
    ${concerning(deployments.value, id).map((one) => html`
      <${RunningCard} key=${one.id} deployment=${deploymentView(one)} />`)}
    <${Tabs} id=${id} tab=${tab} />
    <div role="tabpanel" id="tab-panel" aria-labelledby=${`tab-${tab}`}>
      ${tab === 'instances' && html`<${Instances} app=${app} isRead=${app.tasks !== undefined} />`}
      ${tab === 'configuration' && html`<${Configuration} app=${app} />`}
      ${tab === 'versions' && html`<${Versions} app=${app} />`}
      ${tab === 'deployments' && html`<${AppDeployments} id=${id} />`}
      ${tab === 'debug' && html`<${Debug} app=${app} item=${item} />`}
    </div>
  </main>`;
}

function Missing({ id, isKnown }) {
  return html`<main class="app-view" id="main"><${Crumbs} id=${id} />
    <div class="empty" role="status">${isKnown
    ? html`<h2>There is no application ${id}</h2>
        <p>It was destroyed, or the address has a mistake.</p><a class="button" href="#/apps">All applications</a>`
    : html`<p>Reading ${id}…</p>`}</div></main>`;
}

function Crumbs({ id }) {
  const groups = segments(parent(id));
  return html`<nav class="breadcrumb" aria-label="Place"><a href="#/apps">Applications</a>
    ${groups.map((part, index) => html`<span key=${part}><i aria-hidden="true">/</i>
      <a href=${listLink({ group: `/${groups.slice(0, index + 1).join('/')}` })}>${part}</a></span>`)}
    <span><i aria-hidden="true">/</i><b aria-current="page">${lastName(id)}</b></span></nav>`;
}

const BUTTONS_SHOWN = 2;

function Actions({ app, status }) {
  const items = appMenu(app, status);
  const shown = items.slice(0, BUTTONS_SHOWN);
  const rest = items.slice(BUTTONS_SHOWN);
  return html`<div class="actions">
    ${shown.map((item) => html`<button key=${item.text} type="button" class="button" onClick=${item.run}>
      <${Icon} name=${item.icon} />${item.text.replace('…', '')}</button>`)}
    ${rest.map((item) => html`<button key=${item.text} type="button" class=${`button wide-only ${item.isDanger ? 'danger-quiet' : ''}`}
      onClick=${item.run}><${Icon} name=${item.icon} />${item.text.replace('…', '')}</button>`)}
    <button type="button" class="button narrow-only" aria-haspopup="menu" aria-label="More actions"
      onClick=${(event) => openMenu(event, rest)}><${Icon} name="more" /></button>
  </div>`;
}

function Sentence({ app, why, item }) {
  const rows = funnel(item).filter((row) => row.declined > 0);
  return html`<section class=${`sentence ${why.tone}`} aria-live="polite">
    <${Icon} name=${why.status} />
    <div><p data-testid="sentence">${why.text}</p>
      ${why.next && html`<p class="next">${why.next}</p>`}
      ${rows.length > 0 && html`<details><summary>Why? What happened to the last offers</summary>
        <ul class="funnel">${rows.map((row) => html`<li key=${row.reason}>
          <b>${row.declined} of ${row.processed}</b> turned away: ${row.text}</li>`)}</ul></details>`}
    </div>
    ${why.status === 'delayed' && html`<button type="button" class="button" onClick=${() => resetDelay(app.id)}>Try again now</button>`}
  </section>`;
}

function Vitals({ app }) {
  const health = healthOf(app);
  const tile = (name, value, more) => html`<div class="vital"><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>`;
  const total = Math.max(app.instances, app.tasksRunning ?? 0);
  return html`<section class="vitals" aria-label="Figures">
    <dl>
      ${tile('Instances', app.tasksRunning ?? 0, ` of ${app.instances}`)}
      ${tile('CPU', format.cpus(app.cpus), total > 1 ? ` each, ${format.cpus(app.cpus * total)} in all` : '')}
      ${tile('Memory', format.memory(app.mem), total > 1 ? ` each, ${format.memory(app.mem * total)} in all` : '')}
      ${app.disk > 0 && tile('Disk', format.memory(app.disk), ' each')}
    </dl>
    <div class="vital-health"><${HealthBar} health=${health} size="large" /><small>${healthText(health)}</small></div>
  </section>`;
}

function Tabs({ id, tab }) {
  const keys = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = APP_TABS[(APP_TABS.indexOf(tab) + step + APP_TABS.length) % APP_TABS.length];
    go(appLink(id, next));
    document.getElementById(`tab-${next}`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label="Parts of the application" onKeyDown=${keys}>
    ${APP_TABS.map((name) => html`<a key=${name} id=${`tab-${name}`} role="tab" href=${appLink(id, name)}
      aria-selected=${name === tab ? 'true' : 'false'} aria-controls="tab-panel" tabindex=${name === tab ? 0 : -1}>
      ${TAB_NAMES[name]}</a>`)}
  </div>`;
}
