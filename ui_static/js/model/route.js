// URL hash <-> route. Links of the old Marathon page (#/apps/%2Fprod%2Fweb/configuration,
// #/group/%2Fprod) lead to the same screens.
import { absolute, toPath } from './ids.js';

export const APP_TABS = ['instances', 'configuration', 'versions', 'deployments', 'debug'];
const OLD_TABS = { configuration: 'configuration', debug: 'debug' };
const LIST_KEYS = ['q', 'status', 'sort', 'layout'];

export function parseRoute(hash) {
  const [path, search = ''] = hash.replace(/^#/, '').split('?', 2);
  const query = new URLSearchParams(search);
  const parts = path.split('/').filter((part) => part !== '');
  switch (parts[0]) {
    case 'apps':
      return parts.length === 1 ? listRoute('/', query) : appRoute(parts.slice(1), query);
    case 'group':
      return listRoute(absolute(parts.slice(1).map(decode).join('/')), query);
    case 'deployments':
      return { view: 'deployments' };
    case 'about':
      return { view: 'about' };
    default:
      return listRoute('/', query);
  }
}

function listRoute(group, query) {
  const route = { view: 'apps', group };
  for (const key of LIST_KEYS) route[key] = query.get(key) ?? '';
  return route;
}

function appRoute(parts, query) {
  const isOldForm = /^%2f/i.test(parts[0]);
  const id = absolute(isOldForm ? decode(parts[0]) : parts.map(decode).join('/'));
  const oldTab = isOldForm ? OLD_TABS[parts[1]] : undefined;
  const tab = query.get('tab') ?? oldTab;
  const task = isOldForm && parts.length > 1 && oldTab === undefined ? decode(parts[1]) : '';
  return { view: 'app', id, tab: APP_TABS.includes(tab) ? tab : 'instances', task };
}

// A stray % is no reason to show an error page.
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function appLink(id, tab = 'instances') {
  return `#/apps/${toPath(id)}${tab === 'instances' ? '' : `?tab=${tab}`}`;
}

// Keeps the filters in the address, so that a view can be shared.
export function listLink(route) {
  const query = new URLSearchParams();
  for (const key of LIST_KEYS) if (route[key]) query.set(key, route[key]);
  const base = route.group === undefined || route.group === '/' ? '#/apps' : `#/group/${toPath(route.group)}`;
  const text = query.toString();
  return text === '' ? base : `${base}?${text}`;
}
