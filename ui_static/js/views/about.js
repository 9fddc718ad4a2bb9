// What serves this page.
import { html } from '../dom.js';
import { info } from '../store.js';

export function AboutView() {
  const about = info.value;
  const config = about?.marathon_config ?? {};
  const facts = about === null ? [] : [
    ['Name', about.name], ['Version', about.version], ['Build', about.buildref],
    ['Framework id', about.frameworkId], ['Leader', about.leader],
    ['Leading here', about.elected ? 'yes' : 'no'], ['Master', config.master],
    ['Host', config.hostname], ['Role', config.mesos_role],
    ['Features', (config.features ?? []).join(', ')],
  ].filter(([, value]) => value !== null && value !== undefined && value !== '');
  return html`<main class="page-view" id="main"><h1>About</h1>
    <dl class="facts card">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${String(value)}</dd></div>`)}</dl>
  </main>`;
}
