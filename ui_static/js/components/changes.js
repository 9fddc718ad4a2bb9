// A list of members that differ, before and after.
import { html } from '../dom.js';
import { valueText } from '../model/diff.js';

export function ChangeList({ changes }) {
  return html`<ul class="changes">${changes.map((one) => html`<li key=${one.path}><code class="path">${one.path}</code>
    ${one.before !== undefined && html`<del>${valueText(one.before)}</del>`}
    ${one.after !== undefined && html`<ins>${valueText(one.after)}</ins>`}</li>`)}</ul>`;
}
