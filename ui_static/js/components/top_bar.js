// Brand, screens, search, freshness.
import { html } from '../dom.js';
import * as format from '../format.js';
import { listLink } from '../model/route.js';
import { go, setFilter } from '../router.js';
import { connection, deployments, now, openDialog, route } from '../store.js';
import { Icon } from './icon.js';

export function TopBar() {
  const view = route.value.view;
  const isAt = (name) => (view === name ? 'page' : undefined);
  const count = deployments.value.length;
  return html`<header class="top-bar">
    <a class="brand" href="#/apps" aria-label="Ekiden, applications">
      <img src="icon.svg" alt="" width="26" height="26" /><span>Ekiden</span></a>
    <nav aria-label="Screens">
      <a href="#/apps" aria-current=${isAt('apps') ?? isAt('app')}>Applications</a>
      <a href="#/deployments" aria-current=${isAt('deployments')}>Deployments
        ${count > 0 && html`<span class="badge" data-testid="deployment-count">${count}</span>`}</a>
    </nav>
    <${Search} />
    <${Freshness} />
    <button type="button" class="icon-button" aria-label="Help and keys" title="Help and keys (?)"
      onClick=${() => openDialog('help')}><${Icon} name="help" /></button>
    <button type="button" class="button primary create" onClick=${() => openDialog('editor', { mode: 'create' })}
      title="Create an application (c)"><${Icon} name="plus" /><span>Create</span></button>
  </header>`;
}

function Search() {
  const input = (event) => {
    const q = event.target.value;
    if (route.value.view === 'apps') setFilter({ q });
    else go(listLink({ group: '/', q }));
  };
  const keys = (event) => {
    if (event.key !== 'Escape') return;
    if (route.value.q) setFilter({ q: '' });
    event.target.blur();
  };
  return html`<label class="search">
    <${Icon} name="search" />
    <input id="search" type="search" placeholder="Search apps, label:value" aria-label="Search applications"
      value=${route.value.q ?? ''} onInput=${input} onKeyDown=${keys} autocomplete="off" spellcheck="false" />
    <kbd aria-hidden="true">/</kbd>
  </label>`;
}

const WORDS = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting' };

// Says honestly how old the page is; it never shows "live" without a stream that proves it.
export function Freshness() {
  const { state, since, reason } = connection.value;
  const age = state === 'lost' ? format.duration(now.value - since) : '';
  const title = state === 'lost'
    ? `What you see is as of ${format.clock(since, now.value)}: ${reason}. Trying to reconnect.`
    : 'Changes appear as they happen';
  return html`<span class=${`freshness ${state}`} role="status" title=${title} data-testid="freshness">
    <i aria-hidden="true" /><span>${WORDS[state]}${age && html`<small> as of ${age} ago</small>`}</span>
  </span>`;
}
