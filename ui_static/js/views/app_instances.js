// Instances: a block per instance by version, and a table with addresses and actions.
import { html, useState } from '../dom.js';
import * as format from '../format.js';
import { kill } from '../actions.js';
import { Icon } from '../components/icon.js';
import { instanceViews, versionRows } from '../model/instances.js';
import { now, openDialog, route } from '../store.js';

const BLOCKS_MAX = 600;
const PAGE_ROWS = 100;

export function Instances({ app, isRead }) {
  const [selected, setSelected] = useState(new Set());
  const [shown, setShown] = useState(PAGE_ROWS);
  if (!isRead) return html`<p class="quiet" role="status">Reading the instances…</p>`;
  const views = instanceViews(app);
  const ids = views.map((view) => view.id).filter((id) => selected.has(id));
  const toggle = (id) => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setSelected(next);
  };
  return html`<section aria-label="Instances">
    <${Grid} app=${app} />
    ${ids.length > 0 && html`<div class="bulk" role="group" aria-label="Selected instances">
      <b>${ids.length} selected</b>
      <button type="button" class="button small" onClick=${() => askKill(app, ids, 'replace')}>Kill</button>
      <button type="button" class="button small" onClick=${() => askKill(app, ids, 'scale')}>Kill and scale</button>
      <button type="button" class="button small plain" onClick=${() => setSelected(new Set())}>Clear</button></div>`}
    ${views.length === 0 ? html`<div class="empty small"><p>No instance is running.</p></div>` : html`
    <div class="table-scroll"><table class="table instances" data-testid="instances">
      <thead><tr><th><span class="sr-only">Select</span></th><th>Instance</th><th>Address</th><th>State</th><th>Health</th>
        <th>Version</th><th>Since</th><th><span class="sr-only">Actions</span></th></tr></thead>
      <tbody>${views.slice(0, shown).map((view) => html`<${Row} key=${view.id} app=${app} view=${view}
        isSelected=${selected.has(view.id)} toggle=${() => toggle(view.id)} />`)}</tbody>
    </table></div>`}
    ${views.length > shown && html`<button type="button" class="button" onClick=${() => setShown(shown + PAGE_ROWS)}>
      Show ${Math.min(PAGE_ROWS, views.length - shown)} more of ${views.length}</button>`}
  </section>`;
}

function Grid({ app }) {
  const groups = versionRows(app);
  return html`<div class="instance-grid" aria-hidden="true">
    ${groups.map((group) => html`<div key=${group.key} class="grid-row">
      <span class="grid-name">${group.isOutdated ? 'Old version' : 'This version'}<small>${format.versionLabel(group.version)}</small></span>
      <div class="blocks">
        ${group.views.slice(0, BLOCKS_MAX).map((view) => html`<i key=${view.id} class=${`block ${view.tone}`}
          title=${`${view.shortId} on ${view.host}: ${view.stateName}, ${view.healthName}`} />`)}
        ${Array.from({ length: Math.min(group.missing, BLOCKS_MAX) }, (_, index) => html`<i key=${`m${index}`} class="block missing" title="Not started yet" />`)}
      </div></div>`)}
  </div>`;
}

function Row({ app, view, isSelected, toggle }) {
  const isNamed = route.value.task === view.id;
  return html`<tr class=${isNamed ? 'named' : ''} data-health=${view.health} data-state=${view.state}>
    <td><input type="checkbox" checked=${isSelected} onChange=${toggle} aria-label=${`Select ${view.id}`} /></td>
    <td data-label="Instance"><code title=${view.id}>${view.shortId}</code></td>
    <td data-label="Address"><${Address} view=${view} /></td>
    <td data-label="State"><span class=${`dot ${view.tone}`} />${view.stateName}</td>
    <td data-label="Health"><span class=${`health-word ${view.health}`} title=${view.healthCause}>${view.healthName}</span>
      ${view.healthCause && html`<small class="cause">${view.healthCause}</small>`}</td>
    <td data-label="Version">${format.versionLabel(view.version)}${view.isOutdated && html`<span class="label old">old</span>`}</td>
    <td data-label="Since" title=${view.since}>${format.ago(view.since, now.value)}</td>
    <td class="row-actions">
      <button type="button" class="button small plain" aria-label=${`Kill ${view.id}`} onClick=${() => askKill(app, [view.id], 'replace')}>Kill</button>
      <button type="button" class="button small plain" aria-label=${`Kill and scale: ${view.id}`} onClick=${() => askKill(app, [view.id], 'scale')}>Kill and scale</button>
    </td></tr>`;
}

function Address({ view }) {
  if (view.endpoints.length === 0) return html`<span>${view.host}</span>`;
  return html`<span class="addresses">${view.endpoints.map(({ host, port }) => html`
    <a key=${port} href=${`http://${host}:${port}`} target="_blank" rel="noopener noreferrer">${host}:${port}<${Icon} name="external" /></a>`)}</span>`;
}

function askKill(app, ids, scaling) {
  const many = format.plural(ids.length, 'instance');
  const left = Math.max(0, app.instances - ids.length);
  openDialog('confirm', {
    title: scaling === 'scale' ? `Kill ${many} and scale to ${left}` : `Kill ${many}`,
    text: scaling === 'scale'
      ? `The wanted count of ${app.id} falls from ${app.instances} to ${left}; nothing takes their place.`
      : `${app.id} keeps its wanted count of ${app.instances}, so new instances take their place.`,
    action: scaling === 'scale' ? 'Kill and scale' : 'Kill',
    isDanger: true,
    run: () => kill(app.id, ids, scaling),
  });
}
