// Keys of the old Marathon page, kept: c, g a, g d, g e, s, ?, and / for the search.
import { go } from './router.js';
import { dialog, menu, openDialog, route } from './store.js';

const CHORD_MILLISECONDS = 1200;
let chordStart = 0;

const CHORDS = {
  a: () => go('#/apps'),
  d: () => go('#/deployments'),
  e: () => {
    if (route.value.view === 'app') openDialog('editor', { mode: 'edit', id: route.value.id });
  },
};

function focusSearch() {
  const search = document.getElementById('search');
  search.focus();
  search.select();
}

const SINGLE = {
  '/': focusSearch,
  s: focusSearch,
  c: () => openDialog('editor', { mode: 'create' }),
  '?': () => openDialog('help'),
};

function isTyping(target) {
  return target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function startKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (dialog.value !== null || menu.value !== null) return;
    const isChord = Date.now() - chordStart < CHORD_MILLISECONDS;
    chordStart = event.key === 'g' ? Date.now() : 0;
    const action = isChord ? CHORDS[event.key] : SINGLE[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
