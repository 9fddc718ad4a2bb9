// The state of the page, as signals, and the only functions that change it.
import { batch, computed, signal } from './dom.js';
import { entriesOf, withOutcome } from './model/history.js';
import { absolute, isBelow } from './model/ids.js';
import { RowCache } from './model/apps.js';
import { parseRoute } from './model/route.js';

// What the server said.
export const apps = signal(new Map());
export const deployments = signal([]);
export const history = signal([]);
export const queue = signal(new Map());
export const groupIds = signal([]);
export const info = signal(null);
// The app that is looked at, with tasks: {id, app | null, isMissing}.
export const detail = signal({ id: '', app: null, isMissing: false });
// What the server says about the app that is looked at: {id, why | undefined}.
export const explanation = signal({ id: '', why: undefined });
export const isLoaded = signal(false);
export const loadProblem = signal(null);

// connection: {state: 'connecting' | 'live' | 'lost', since, reason}
export const connection = signal({ state: 'connecting', since: Date.now(), reason: '' });

// What the person is doing.
export const route = signal(parseRoute(''));
export const dialog = signal(null);
export const menu = signal(null);
export const toasts = signal([]);

// Clocks for texts such as "3 min ago"; a component that shows seconds reads the fast one.
export const now = signal(Date.now());
export const slowNow = signal(Date.now());

const rowCache = new RowCache();
export const rows = computed(() => rowCache.rows(apps.value, queue.value,
  queue.value.size > 0 ? slowNow.value : 0));

const withoutTasks = ({ tasks, ...app }) => app;

// `fresh` holds ids that were read one by one while the list was under way: those are newer.
export function setApps(list, fresh) {
  const next = new Map();
  for (const app of list) if (!fresh.has(app.id)) next.set(app.id, withoutTasks(app));
  for (const id of fresh) if (apps.value.has(id)) next.set(id, apps.value.get(id));
  batch(() => {
    apps.value = next;
    isLoaded.value = true;
    loadProblem.value = null;
  });
}

export function setApp(id, app) {
  const next = new Map(apps.value);
  if (app === null) next.delete(id);
  else next.set(id, withoutTasks(app));
  batch(() => {
    apps.value = next;
    if (detail.value.id === id) detail.value = { id, app, isMissing: app === null };
  });
}

export function watchApp(id) {
  if (detail.value.id !== id) detail.value = { id, app: null, isMissing: false };
}

export function setQueue(list) {
  queue.value = new Map(list.filter((item) => item.app).map((item) => [item.app.id, item]));
}

export function setGroups(root) {
  const ids = [];
  const pending = [...(root.groups ?? [])];
  while (pending.length > 0) {
    const group = pending.pop();
    ids.push(absolute(group.id));
    pending.push(...(group.groups ?? []));
  }
  groupIds.value = ids;
}

// A server without a history of its own: what this page saw is all there is.
let serverKeepsHistory = false;

export function noteOutcome(event) {
  if (!serverKeepsHistory) history.value = withOutcome(history.value, event);
}

export function setHistory(list) {
  serverKeepsHistory = list !== undefined;
  if (serverKeepsHistory) history.value = entriesOf(list);
}

export function setWhy(id, why) {
  if (detail.value.id === id) explanation.value = { id, why };
}

export function groupExists(id) {
  return id === '/' || groupIds.value.includes(id) || rows.value.some((row) => isBelow(row.id, id));
}

const TOASTS_MAX = 5;
const TOAST_MILLISECONDS = { good: 6000, bad: 15000 };
let nextToast = 1;

// tone: 'good' or 'bad'; `link` is {href, text}.
export function toast(tone, text, { detail: more = '', link = null } = {}) {
  const entry = { key: nextToast, tone, text, detail: more, link };
  nextToast += 1;
  toasts.value = [...toasts.value, entry].slice(-TOASTS_MAX);
  setTimeout(() => dismiss(entry.key), TOAST_MILLISECONDS[tone]);
}

export function dismiss(key) {
  toasts.value = toasts.value.filter((entry) => entry.key !== key);
}

export function openDialog(kind, fields = {}) {
  batch(() => {
    menu.value = null;
    dialog.value = { kind, ...fields };
  });
}

export function closeDialog() {
  dialog.value = null;
}
