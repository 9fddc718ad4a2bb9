// A block of text to read and copy.
import { html, useState } from '../dom.js';
import { Icon } from './icon.js';

const COPIED_MILLISECONDS = 1500;

export function Code({ title, text, children }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MILLISECONDS);
  };
  return html`<div class="code">
    <header><b>${title}</b><span class="grow" />
      ${navigator.clipboard && html`<button type="button" class="button small plain" onClick=${copy}>
        <${Icon} name=${isCopied ? 'check' : 'copy'} />${isCopied ? 'Copied' : 'Copy'}</button>`}
      ${children}</header>
    <pre tabindex="0">${text}</pre></div>`;
}
