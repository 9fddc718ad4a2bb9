// Results of actions. Errors interrupt a screen reader, successes wait for their turn.
import { html } from '../dom.js';
import { dismiss, toasts } from '../store.js';
import { Icon } from './icon.js';

export function Toasts() {
  return html`<div class="toasts">
    ${toasts.value.map((entry) => html`
      <div key=${entry.key} class=${`toast ${entry.tone}`} role=${entry.tone === 'bad' ? 'alert' : 'status'}>
        <${Icon} name=${entry.tone === 'bad' ? 'unhealthy' : 'check'} />
        <div class="toast-text">
          <strong>${entry.text}</strong>
          ${entry.detail && html`<p>${entry.detail}</p>`}
          ${entry.link && html`<a href=${entry.link.href}>${entry.link.text}</a>`}
        </div>
        <button type="button" class="icon-button" aria-label="Dismiss" onClick=${() => dismiss(entry.key)}>
          <${Icon} name="close" /></button>
      </div>`)}
  </div>`;
}
