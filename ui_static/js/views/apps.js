// The list of applications: groups, filters, order, live health.
import { html, useEffect, useMemo, useState } from '../dom.js';
import * as format from '../format.js';
import { appMenu } from './app_menu.js';
import { HealthBar, Labels, StatusPill } from '../components/status.js';
import { Icon } from '../components/icon.js';
import { openMenu } from '../components/menu.js';
import { WindowList } from '../components/window_list.js';
import { STATUSES, STATUS_NAMES, listOf } from '../model/apps.js';
import { parent, segments } from '../model/ids.js';
import { appLink, listLink } from '../model/route.js';
import { setFilter } from '../router.js';
import { groupIds, isLoaded, loadProblem, openDialog, route, rows } from '../store.js';

const ROW_PIXELS = 46;
const PHONE_ROW_PIXELS = 74;
const PHONE = '(max-width: 760px)';

function useRowHeight() {
  const media = useMemo(() => window.matchMedia(PHONE), []);
  const [isPhone, setPhone] = useState(media.matches);
  useEffect(() => {
    const change = () => setPhone(media.matches);
    media.addEventListener('change', change);
    return () => media.removeEventListener('change', change);
  }, []);
  return isPhone ? PHONE_ROW_PIXELS : ROW_PIXELS;
}

export function AppsView() {
  const at = route.value;
  const rowHeight = useRowHeight();
  const all = rows.value;
  const groups = groupIds.value;
  const list = useMemo(() => listOf(all, groups, at), [all, groups, at]);
  if (!isLoaded.value) return html`<${Loading} />`;
  const isFlat = at.layout === 'flat' || at.q !== '' || at.status !== '';
  return html`<main class="apps-view" id="main">
    <div class="list-head">
      <${Breadcrumb} group=${at.group} />
      <${Filters} counts=${list.counts} />
    </div>
    <${WindowList} rows=${list.rows} rowHeight=${rowHeight} label="Applications"
      header=${html`<${Header} sort=${at.sort || 'name'} />`}
      row=${(item) => html`<${Row} item=${item} isFlat=${isFlat} />`}
      empty=${html`<${Empty} at=${at} total=${list.total} />`} />
  </main>`;
}

function Loading() {
  const problem = loadProblem.value;
  return html`<main class="apps-view" id="main"><div class="empty" role="status">
    ${problem === null ? html`<p>Reading the applications…</p>` : html`
      <h2>${problem.title}</h2><p>${problem.next}</p>`}
  </div></main>`;
}

function Breadcrumb({ group }) {
  const parts = segments(group);
  return html`<nav class="breadcrumb" aria-label="Group">
    <h1>${parts.length === 0 ? 'Applications' : html`<a href="#/apps">Applications</a>`}</h1>
    ${parts.map((part, index) => {
    const id = `/${parts.slice(0, index + 1).join('/')}`;
    const isLast = index === parts.length - 1;
    return html`<span key=${id}><i aria-hidden="true">/</i>${isLast
      ? html`<b aria-current="page">${part}</b>` : html`<a href=${listLink({ group: id })}>${part}</a>`}</span>`;
  })}
  </nav>`;
}

function Filters({ counts }) {
  const at = route.value;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const chip = (status, name, count) => html`
    <button key=${status} type="button" class=${`chip status-${status || 'all'}`} aria-pressed=${at.status === status}
      onClick=${() => setFilter({ status: at.status === status ? '' : status })}>
      ${status !== '' && html`<${Icon} name=${status} />`}${name}<b>${count}</b></button>`;
  return html`<div class="filters" role="group" aria-label="Filter by status">
    ${chip('', 'All', total)}
    ${STATUSES.filter((status) => counts[status] > 0 || at.status === status)
    .map((status) => chip(status, STATUS_NAMES[status], counts[status]))}
    <button type="button" class="chip plain" aria-pressed=${at.layout === 'flat'}
      title="Show the apps of all groups in one list"
      onClick=${() => setFilter({ layout: at.layout === 'flat' ? '' : 'flat' })}>Flat list</button>
  </div>`;
}

const COLUMNS = [
  ['name', 'Name'], ['status', 'Status'], ['instances', 'Instances'], ['health', 'Health'],
  ['cpus', 'CPU'], ['mem', 'Memory'],
];

function Header({ sort }) {
  const isDescending = sort.startsWith('-');
  const current = sort.replace(/^-/, '');
  return html`<div role="row" class="row header-row" aria-rowindex="1">
    ${COLUMNS.map(([key, name]) => {
    const order = isDescending ? 'descending' : 'ascending';
    return html`<div key=${key} role="columnheader" class=${`cell c-${key}`} aria-sort=${key === current ? order : 'none'}>
      <button type="button" onClick=${() => setFilter({ sort: key === current && !isDescending ? `-${key}` : key })}>
        ${name}${key === current && html`<i aria-hidden="true">${isDescending ? '↓' : '↑'}</i>`}</button></div>`;
  })}
    <div role="columnheader" class="cell c-menu"><span class="sr-only">Actions</span></div>
  </div>`;
}

function Row({ item, isFlat }) {
  const isGroup = item.kind === 'group';
  const href = isGroup ? listLink({ ...route.value, group: item.id, q: '', status: '' }) : appLink(item.id);
  const pick = (key, value) => setFilter({ q: `${key}:${value}` });
  return html`
    <div role="cell" class="cell c-name">
      ${isGroup && html`<${Icon} name="group" label="Group" />`}
      <a class="row-link" href=${href} title=${item.id}>
        ${isFlat && parent(item.id) !== '/' && html`<span class="path">${parent(item.id).slice(1)}/</span>`}${item.name}</a>
      ${isGroup ? html`<span class="quiet">${format.plural(item.apps, 'app')}</span>`
    : html`<${Labels} labels=${item.labels} pick=${pick} />`}
    </div>
    <div role="cell" class="cell c-status"><${StatusPill} status=${item.status} /></div>
    <div role="cell" class="cell c-instances number">${item.running}<span class="quiet"> / ${item.instances}</span></div>
    <div role="cell" class="cell c-health"><${HealthBar} health=${item.health} /></div>
    <div role="cell" class="cell c-cpus number">${format.cpus(item.cpus)}</div>
    <div role="cell" class="cell c-mem number">${format.memory(item.mem)}</div>
    <div role="cell" class="cell c-menu">${!isGroup && html`
      <button type="button" class="icon-button" aria-haspopup="menu" aria-label=${`Actions for ${item.id}`}
        onClick=${(event) => openMenu(event, appMenu(item.app, item.status))}><${Icon} name="more" /></button>`}
    </div>`;
}

function Empty({ at, total }) {
  if (total > 0) {
    return html`<div class="empty"><h2>Nothing matches</h2>
      <p>${total === 1 ? 'One application is' : `${total} applications are`} hidden by the search or filter.</p>
      <button type="button" class="button" onClick=${() => setFilter({ q: '', status: '' })}>Clear search and filter</button></div>`;
  }
  if (at.group !== '/') {
    return html`<div class="empty"><h2>No applications in ${at.group}</h2>
      <p>The group is empty or does not exist.</p><a class="button" href="#/apps">All applications</a></div>`;
  }
  return html`<div class="empty"><h2>No applications yet</h2>
    <p>Describe one as a form or as JSON; Ekiden starts it, watches its health and keeps it running.</p>
    <button type="button" class="button primary" onClick=${() => openDialog('editor', { mode: 'create' })}>
      <${Icon} name="plus" />Create the first one</button></div>`;
}
