// Status pill, health bar, labels.
import { html } from '../dom.js';
import { STATUS_NAMES, healthText } from '../model/apps.js';
import { Icon } from './icon.js';

export function StatusPill({ status }) {
  return html`<span class=${`pill status-${status}`}>
    <${Icon} name=${status} />${STATUS_NAMES[status]}
  </span>`;
}

export function HealthBar({ health, size = 'small' }) {
  const text = healthText(health);
  const total = Math.max(1, health.total);
  return html`<div class=${`health-bar ${size}`} role="img" aria-label=${text} title=${text}>
    ${Object.entries(health.parts).map(([kind, count]) => count > 0 && html`
      <span key=${kind} class=${`part ${kind}`} style=${{ width: `${(count / total) * 100}%` }} />`)}
  </div>`;
}

const LABELS_SHOWN_MAX = 3;

// `pick(key, value)` is called when a label is chosen as a filter.
export function Labels({ labels, pick, limit = LABELS_SHOWN_MAX }) {
  if (labels.length === 0) return null;
  const shown = labels.slice(0, limit);
  const hidden = labels.slice(limit);
  return html`<span class="labels">
    ${shown.map(([key, value]) => html`
      <button key=${key} type="button" class="label" title=${`Show apps with ${key}=${value}`}
        onClick=${() => pick(key, value)}>${value === '' ? key : html`<b>${key}</b>${value}`}</button>`)}
    ${hidden.length > 0 && html`<span class="label more"
      title=${hidden.map(([key, value]) => `${key}=${value}`).join('\n')}>+${hidden.length}</span>`}
  </span>`;
}
