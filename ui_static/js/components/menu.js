// One menu for the whole page, opened at a button; kept outside scrolling lists so nothing cuts it.
import { html, useLayoutEffect, useRef } from '../dom.js';
import { menu } from '../store.js';
import { Icon } from './icon.js';

const WIDTH_PIXELS = 190;
const ITEM_PIXELS = 36;

export function openMenu(event, items) {
  const anchor = event.currentTarget;
  const box = anchor.getBoundingClientRect();
  const height = items.length * ITEM_PIXELS + 12;
  const below = box.bottom + 4;
  menu.value = {
    items, anchor,
    left: Math.max(8, Math.min(box.right - WIDTH_PIXELS, window.innerWidth - WIDTH_PIXELS - 8)),
    top: below + height > window.innerHeight ? Math.max(8, box.top - height - 4) : below,
  };
}

export function Menu() {
  const open = menu.value;
  return open === null ? null : html`<${OpenMenu} open=${open} />`;
}

function OpenMenu({ open }) {
  const element = useRef(null);
  const close = () => {
    menu.value = null;
    open.anchor.focus();
  };
  // Before paint, so that the next key already finds the focus in the menu.
  useLayoutEffect(() => { element.current.querySelector('button')?.focus(); }, [open]);
  const keys = (event) => {
    const buttons = [...element.current.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      buttons[(at + step + buttons.length) % buttons.length].focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  const choose = (item) => {
    close();
    item.run();
  };
  return html`<div class="menu-cover" onClick=${close}>
    <div class="menu" role="menu" ref=${element} onKeyDown=${keys} onClick=${(event) => event.stopPropagation()}
      style=${{ left: `${open.left}px`, top: `${open.top}px` }}>
      ${open.items.map((item) => html`<button key=${item.text} type="button" role="menuitem"
        class=${item.isDanger ? 'danger' : ''} onClick=${() => choose(item)}>
        <${Icon} name=${item.icon} />${item.text}</button>`)}
    </div>
  </div>`;
}
