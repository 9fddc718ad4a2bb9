// Last failure, last changes, statistics, and why nothing is placed.
import { html } from '../dom.js';
import * as format from '../format.js';
import { funnel } from '../model/explain.js';
import { stateName } from '../model/instances.js';
import { now } from '../store.js';

export function Debug({ app, item }) {
  return html`<section class="debug" aria-label="Debug"><div class="cards">
    <${LastFailure} failure=${app.lastTaskFailure} />
    <${Changes} app=${app} />
    ${item && html`<${Funnel} item=${item} />`}
    <${Statistics} stats=${app.taskStats ?? app.tasksStats} />
  </div></section>`;
}

function Card({ title, children }) {
  return html`<section class="card" tabindex="0" aria-label=${title}><h2>${title}</h2>${children}</section>`;
}

function Facts({ list }) {
  return html`<dl class="facts">${list.filter(([, value]) => value).map(([name, value]) => html`
    <div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function LastFailure({ failure }) {
  if (!failure) return html`<${Card} title="Last task failure"><p class="quiet">None is known.</p></${Card}>`;
  return html`<${Card} title="Last task failure">
    <p class="failure"><b>${stateName(failure.state)}</b> ${failure.message || 'without a message'}</p>
    <${Facts} list=${[
    ['When', `${format.clock(failure.timestamp, now.value)}, ${format.ago(failure.timestamp, now.value)}`],
    ['Host', failure.host],
    ['Instance', html`<code>${failure.taskId}</code>`],
    ['Version', format.versionLabel(failure.version)],
  ]} /></${Card}>`;
}

function Changes({ app }) {
  const when = (timestamp) => timestamp &&
    `${format.clock(timestamp, now.value)}, ${format.ago(timestamp, now.value)}`;
  return html`<${Card} title="Last changes"><${Facts} list=${[
    ['Scaled or restarted', when(app.versionInfo?.lastScalingAt)],
    ['Configuration', when(app.versionInfo?.lastConfigChangeAt)],
    ['Version', html`<code>${app.version}</code>`],
  ]} /></${Card}>`;
}

function Funnel({ item }) {
  const rows = funnel(item);
  return html`<${Card} title="Waiting for resources">
    <p>${format.plural(item.count, 'instance')} to launch${item.since ? ` since ${format.clock(item.since, now.value)}` : ''}</p>
    ${rows.length > 0 && html`<table class="table"><thead><tr><th>Test</th><th>Looked at</th><th>Turned away</th></tr></thead>
      <tbody>${rows.map((row) => html`<tr key=${row.reason} class=${row.declined > 0 ? 'named' : ''}>
        <td>${row.reason}</td><td class="number">${row.processed}</td><td class="number">${row.declined}</td></tr>`)}</tbody></table>`}
  </${Card}>`;
}

const SUMMARIES = [
  ['totalSummary', 'All'], ['startedAfterLastScaling', 'After last scaling'],
  ['withLatestConfig', 'Latest configuration'], ['withOutdatedConfig', 'Outdated configuration'],
];

function Statistics({ stats }) {
  const rows = SUMMARIES.filter(([key]) => stats?.[key]);
  if (rows.length === 0) return null;
  return html`<${Card} title="Instance statistics"><table class="table"><thead><tr><th>Instances</th><th>Staged</th>
    <th>Running</th><th>Healthy</th><th>Unhealthy</th><th>Median life</th></tr></thead>
    <tbody>${rows.map(([key, name]) => {
    const { counts, lifeTime } = stats[key].stats;
    return html`<tr key=${key}><td>${name}</td>${['staged', 'running', 'healthy', 'unhealthy'].map((kind) => html`
      <td key=${kind} class="number">${counts[kind]}</td>`)}
      <td class="number">${lifeTime ? format.duration(lifeTime.medianSeconds * 1000) : ''}</td></tr>`;
  })}</tbody></table></${Card}>`;
}
