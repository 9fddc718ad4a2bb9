// The hash is the place of the page; the store's route follows it.
import { effect } from './dom.js';
import { listLink, parseRoute } from './model/route.js';
import { look } from './live.js';
import { closeDialog, menu, route } from './store.js';

export function startRouter() {
  const follow = () => {
    menu.value = null;
    closeDialog();
    route.value = parseRoute(window.location.hash);
  };
  window.addEventListener('hashchange', follow);
  follow();
  let looked = '';
  effect(() => {
    const id = route.value.view === 'app' ? route.value.id : '';
    if (id !== looked && id !== '') look(id);
    looked = id;
  });
}

export function go(link) {
  window.location.hash = link;
}

// Filters change the address without a step in the browser's history and without closing anything.
export function setFilter(change) {
  const next = { ...route.value, ...change };
  window.history.replaceState(null, '', listLink(next));
  route.value = next;
}
