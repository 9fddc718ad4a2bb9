// The definition: the members people look for, then all of it as JSON.
import { html } from '../dom.js';
import * as format from '../format.js';
import { Code } from '../components/code.js';
import { Icon } from '../components/icon.js';
import { editable } from '../model/form.js';
import { appLink } from '../model/route.js';
import { openDialog } from '../store.js';

export function Configuration({ app }) {
  const definition = editable(app);
  return html`<section class="configuration" aria-label="Configuration">
    <div class="two-columns">
      <dl class="facts">${facts(app).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
      <${Code} title="Definition" text=${JSON.stringify(definition, null, 2)}>
        <button type="button" class="button small" onClick=${() => openDialog('editor', { mode: 'edit', id: app.id })}>
          <${Icon} name="edit" />Edit</button></${Code}>
    </div></section>`;
}

function facts(app) {
  const docker = app.container?.docker;
  const ports = app.container?.portMappings ?? app.portDefinitions ?? [];
  const list = [
    ['Id', app.id],
    ['Version', format.versionLabel(app.version)],
    ['Command', app.cmd && html`<code>${app.cmd}</code>`],
    ['Arguments', app.args?.length > 0 && html`<code>${app.args.join(' ')}</code>`],
    ['Image', docker?.image && html`<code>${docker.image}</code>`],
    ['Network', (app.networks ?? []).map((network) => [network.mode, network.name].filter(Boolean).join(' ')).join(', ')],
    ['Ports', ports.map(portText).join(', ')],
    ['Health checks', (app.healthChecks ?? []).map(checkText).join(', ')],
    ['Upgrade', upgradeText(app.upgradeStrategy)],
    ['Constraints', (app.constraints ?? []).map((one) => one.join(' ')).join(', ')],
    ['Dependencies', (app.dependencies ?? []).map((id) => html`<a key=${id} href=${appLink(id)}>${id}</a> `)],
    ['Role', app.role],
    ['Environment', pairs(app.env)],
    ['Labels', pairs(app.labels)],
  ];
  return list.filter(([, value]) => value && value.length !== 0);
}

function portText(port) {
  const service = port.servicePort ?? port.port;
  const inside = port.containerPort === undefined ? '' : `container ${port.containerPort}`;
  const outside = service ? `service ${service}` : '';
  return [port.name, inside, outside].filter(Boolean).join(' ') || 'any';
}

function checkText(check) {
  const what = check.path ?? check.command?.value ?? '';
  return [check.protocol, what, check.intervalSeconds && `every ${check.intervalSeconds} s`].filter(Boolean).join(' ');
}

function upgradeText(strategy) {
  if (strategy === undefined) return '';
  const percent = (value) => `${Math.round((value ?? 1) * 100)} %`;
  return `at least ${percent(strategy.minimumHealthCapacity)} healthy, at most ${percent(strategy.maximumOverCapacity)} extra`;
}

function pairs(map) {
  const entries = Object.entries(map ?? {});
  if (entries.length === 0) return '';
  return html`<ul class="pairs">${entries.map(([key, value]) => html`<li key=${key}><b>${key}</b>
    <code>${typeof value === 'string' ? value : JSON.stringify(value)}</code></li>`)}</ul>`;
}
