// Deployments that run now, as they move, and those that ended.
import { html } from '../dom.js';
import { HistoryTable, RunningCard } from './app_deployments.js';
import { deploymentView } from '../model/deployments.js';
import { deployments, history } from '../store.js';

export function DeploymentsView() {
  const running = deployments.value;
  return html`<main class="page-view" id="main"><h1>Deployments</h1>
    ${running.length === 0 ? html`<div class="empty small"><h2>Nothing is being deployed</h2>
      <p>Every change to an application appears here while it is carried out.</p></div>`
    : running.map((one) => html`<${RunningCard} key=${one.id} deployment=${deploymentView(one)} />`)}
    <h2 class="section">History</h2>
    <${HistoryTable} entries=${history.value} />
  </main>`;
}
