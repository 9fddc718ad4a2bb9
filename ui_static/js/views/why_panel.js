// Why something is not as wanted: reasons with what would mend them, and where the nodes dropped out.
import { html } from '../dom.js';
import * as format from '../format.js';
import { whyView } from '../model/why.js';
import { now } from '../store.js';

export function WhyPanel({ why }) {
  const view = whyView(why);
  if (view === undefined) return null;
  return html`<section class="card why" aria-label="Why" data-testid="why"><h2>Why</h2>
    <ul class="reasons">${view.reasons.map((reason) => html`<li key=${reason.code}>
      <p>${reason.text}${reason.since && html` <small class="quiet">since ${format.clock(reason.since, now.value)}</small>`}</p>
      ${reason.fix && html`<p class="fix">${reason.fix}</p>`}</li>`)}</ul>
    ${view.stages.length > 0 && html`<ol class="stages" aria-label="Nodes that pass each check">
      ${view.stages.map((stage) => html`<li key=${stage.name} class=${stage.removed > 0 ? 'named' : ''}>
        <span>${stage.name}</span><i aria-hidden="true"><b style=${{ width: `${stage.percent}%` }} /></i>
        <span class="number">${stage.left}${stage.removed > 0 && html` <small>−${stage.removed}</small>`}</span></li>`)}</ol>`}
    ${view.nearest.length > 0 && html`<p class="quiet">Nearest: ${view.nearest.map((node, index) => html`
      <span key=${node.host}>${index > 0 ? '; ' : ''}<b>${node.host}</b> ${node.lacks}</span>`)}</p>`}
  </section>`;
}
