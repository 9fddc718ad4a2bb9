// Keeps the store in step with the server: one full read per connection, then single reads for what
// the event stream says has changed.
import * as api from './api.js';
import { EventStream } from './events.js';
import { problemOf } from './model/problems.js';
import { RefreshQueue, appKey, staleKeys } from './model/refresh.js';
import * as store from './store.js';

const HIDDEN_GRACE_MILLISECONDS = 60_000;
const FULL_KEYS = ['all', 'deployments', 'history', 'queue', 'groups', 'info'];

const refresh = new RefreshQueue();
let timer = null;
let readWhileListing = null;

const READERS = {
  all: readAll,
  deployments: async () => { store.deployments.value = (await api.readDeployments()) ?? []; },
  history: async () => store.setHistory(await api.readHistory()),
  queue: async () => store.setQueue(await api.readQueue()),
  groups: async () => store.setGroups(await api.readGroups()),
  info: async () => { store.info.value = await api.readInfo(); },
};

async function readAll() {
  readWhileListing = new Set();
  try {
    const list = await api.readApps();
    store.setApps(list, readWhileListing);
  } finally {
    readWhileListing = null;
  }
}

async function readOne(id) {
  let app = null;
  try {
    app = await api.readApp(id);
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  readWhileListing?.add(id);
  store.setApp(id, app);
  if (app !== null && store.detail.value.id === id) store.setWhy(id, await api.readWhy(id));
}

function read(key) {
  return key.startsWith('app:') ? readOne(key.slice('app:'.length)) : READERS[key]();
}

export function mark(keys) {
  refresh.mark(keys, Date.now());
  pump();
}

function pump() {
  clearTimeout(timer);
  for (const key of refresh.start(Date.now())) {
    read(key).then(() => finished(key, null), (error) => finished(key, error));
  }
  const wait = refresh.wait(Date.now());
  if (wait !== undefined) timer = setTimeout(pump, wait);
}

function finished(key, error) {
  const verdict = refresh.finish(key, Date.now(), error === null ? 'ok' : 'failed');
  if (error !== null && key === 'all') store.loadProblem.value = problemOf(error);
  if (verdict === 'gave-up') stream.restart('reading again kept failing');
  pump();
}

const stream = new EventStream({
  opened() {
    store.connection.value = { state: 'live', since: Date.now(), reason: '' };
    refresh.clear();
    mark(FULL_KEYS);
    if (store.detail.value.id !== '') mark([appKey(store.detail.value.id)]);
  },
  event(event) {
    store.noteOutcome(event);
    mark(staleKeys(event));
  },
  lost(reason) {
    if (store.connection.value.state === 'lost') return;
    store.connection.value = { state: 'lost', since: Date.now(), reason };
  },
});

// A browser allows few connections per server, so a tab nobody looks at gives its one back.
function watchVisibility() {
  let hiddenTimer = null;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) {
      hiddenTimer = setTimeout(() => {
        stream.stop();
        store.connection.value = { state: 'lost', since: Date.now(), reason: 'paused in the background' };
      }, HIDDEN_GRACE_MILLISECONDS);
    } else {
      stream.start();
    }
  });
}

function watchClocks() {
  setInterval(() => { if (!document.hidden) store.now.value = Date.now(); }, 1000);
  setInterval(() => { if (!document.hidden) store.slowNow.value = Date.now(); }, 5000);
}

export function startLive() {
  watchVisibility();
  watchClocks();
  stream.start();
}

// Called when an app page opens: its tasks are not part of the list.
export function look(id) {
  store.watchApp(id);
  mark([appKey(id)]);
}
