// Deployments as cards: on the deployments screen and on the page of the app concerned.
import { html } from '../dom.js';
import * as format from '../format.js';
import { cancel, pause, resume, rollBack } from '../actions.js';
import { ChangeList } from '../components/changes.js';
import { Icon } from '../components/icon.js';
import { changeText, outcomeOf } from '../model/history.js';
import { appLink } from '../model/route.js';
import { history, now, openDialog } from '../store.js';

export function RunningCard({ deployment }) {
  return html`<article class="card deployment" aria-label=${`Deployment ${deployment.shortId}`} data-testid="deployment">
    <header><${Icon} name="deploying" /><b>${deployment.sentence}</b>
      <span class="quiet">step ${Math.max(1, deployment.current)} of ${deployment.total}, started ${format.ago(deployment.startedAt, now.value)},
        id <code title=${deployment.id}>${deployment.shortId}</code></span>
      <span class="grow" />
      ${deployment.halt
    ? html`<button type="button" class="button small" onClick=${() => resume(deployment)}><${Icon} name="play" />Resume</button>`
    : html`<button type="button" class="button small" onClick=${() => pause(deployment)}><${Icon} name="pause" />Pause</button>`}
      <button type="button" class="button small" onClick=${() => askRollBack(deployment)}><${Icon} name="undo" />Roll back</button>
      <button type="button" class="button small plain" onClick=${() => askCancel(deployment)}>Cancel</button>
    </header>
    ${deployment.halt && html`<p class="notice" data-testid="halt"><b>${deployment.halt.isPaused ? 'Paused' : 'Stalled'}</b>
      ${format.ago(deployment.halt.since, now.value)}: ${deployment.halt.reason}</p>`}
    <div class="progress" role="progressbar" aria-label="Steps done" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${deployment.percent}>
      <span style=${{ width: `${deployment.percent}%` }} />
      <span class="current" style=${{ width: `${100 / Math.max(1, deployment.total)}%` }} /></div>
    <ol class="steps">${deployment.steps.map((step) => html`<li key=${step.number} class=${step.state}
      aria-current=${step.state === 'current' ? 'step' : undefined}>
      ${step.actions.map((action, index) => html`<span key=${index}>${action.verb} <a href=${appLink(action.target)}>${action.target}</a></span>`)}</li>`)}</ol>
    ${deployment.waitingChecks.length > 0 && html`<p class="quiet">Waiting for ${format.plural(deployment.waitingChecks.length, 'readiness check')}</p>`}
  </article>`;
}

function askRollBack(deployment) {
  openDialog('confirm', {
    title: `Roll back deployment ${deployment.shortId}`,
    text: `A new deployment brings ${format.sentenceList(deployment.services)} back to the definition before it.`,
    action: 'Roll back',
    run: () => rollBack(deployment),
  });
}

function askCancel(deployment) {
  openDialog('confirm', {
    title: `Cancel deployment ${deployment.shortId}`,
    text: `It stops where it is: ${format.sentenceList(deployment.services)} may stay half changed. Rolling back is safer.`,
    action: 'Cancel where it is',
    isDanger: true,
    run: () => cancel(deployment),
  });
}

const DOTS = { good: 'healthy', warn: 'staged', bad: 'unhealthy' };

export function HistoryTable({ entries }) {
  if (entries.length === 0) return html`<p class="quiet">No deployment has ended yet.</p>`;
  return html`<div class="table-scroll"><table class="table" data-testid="history"><thead><tr><th>Outcome</th><th>Applications</th><th>By</th><th>Ended</th><th>Took</th><th>Id</th></tr></thead>
    <tbody>${entries.map((entry) => html`<${HistoryRow} key=${entry.id} entry=${entry} />`)}</tbody></table></div>`;
}

function HistoryRow({ entry }) {
  const outcome = outcomeOf(entry);
  return html`<tr>
    <td><span class=${`dot ${DOTS[outcome.tone]}`} />${outcome.text}
      ${entry.reason && html`<small class="cause">${entry.reason}</small>`}</td>
    <td>${entry.changes.length === 0
    ? entry.services.map((id) => html`<a key=${id} class="listed" href=${appLink(id)}>${id}</a>`)
    : entry.changes.map((change) => html`<${ChangeSummary} key=${change.app} change=${change} />`)}</td>
    <td>${entry.actor}</td>
    <td>${format.ago(entry.endedAt, now.value)}</td>
    <td>${format.duration(Date.parse(entry.endedAt) - Date.parse(entry.startedAt))}</td>
    <td><code title=${entry.id}>${entry.id.slice(0, 8)}</code></td></tr>`;
}

function ChangeSummary({ change }) {
  const link = html`<a class="listed" href=${appLink(change.app)}>${change.app}</a>`;
  if ((change.diff ?? []).length === 0) return html`<div>${link} <small class="quiet">${changeText(change)}</small></div>`;
  return html`<div>${link}<details><summary class="small">${changeText(change)}</summary><${ChangeList} changes=${change.diff} /></details></div>`;
}

export function AppDeployments({ id }) {
  return html`<section aria-label="Deployments"><${HistoryTable}
    entries=${history.value.filter((entry) => entry.services.includes(id))} /></section>`;
}
