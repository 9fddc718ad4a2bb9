// Modal dialogs on the native element: it traps the focus, makes the rest inert and closes on Esc.
import { html, useLayoutEffect, useRef } from '../dom.js';
import { closeDialog } from '../store.js';
import { Icon } from './icon.js';

export function Dialog({ title, size = 'normal', children, onClose = closeDialog }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    if (!dialog.open) dialog.showModal();
    return () => dialog.close();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${element} class=${`dialog ${size}`} aria-labelledby="dialog-title" onCancel=${cancel}>
    <header class="dialog-header">
      <h2 id="dialog-title">${title}</h2>
      <button type="button" class="icon-button" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button>
    </header>
    ${children}
  </dialog>`;
}

export function Buttons({ children }) {
  return html`<footer class="dialog-buttons">${children}</footer>`;
}
