// Rows of the application list: status, health, filter, order, groups.
import { childTowards, isBelow, lastName, parent, segments } from './ids.js';

export const STATUSES = ['running', 'deploying', 'waiting', 'delayed', 'unhealthy', 'suspended'];
export const STATUS_NAMES = {
  running: 'Running',
  deploying: 'Deploying',
  waiting: 'Waiting',
  delayed: 'Delayed',
  unhealthy: 'Unhealthy',
  suspended: 'Suspended',
};

// A launch that takes longer than this is called waiting even while its deployment goes on.
const PATIENCE_MILLISECONDS = 15_000;

export function statusOf(app, queueItem, now) {
  if (queueItem !== undefined && queueItem.count > 0) {
    if (queueItem.delay?.overdue === false) return 'delayed';
    if (!isDeploying(app) || isStarved(queueItem, now)) return 'waiting';
  }
  if (isDeploying(app)) return 'deploying';
  if (app.tasksUnhealthy > 0) return 'unhealthy';
  if (app.instances === 0 && running(app) === 0) return 'suspended';
  return 'running';
}

export function isDeploying(app) {
  return (app.deployments?.length ?? 0) > 0;
}

function isStarved(queueItem, now) {
  const since = Date.parse(queueItem.since);
  return !Number.isNaN(since) && now - since > PATIENCE_MILLISECONDS;
}

const running = (app) => app.tasksRunning ?? 0;

// Parts of the health bar in drawing order; counts add up to `total`.
export function healthOf(app) {
  const wanted = app.instances ?? 0;
  const live = running(app);
  const staged = app.tasksStaged ?? 0;
  const healthy = Math.min(app.tasksHealthy ?? 0, live);
  const unhealthy = Math.min(app.tasksUnhealthy ?? 0, live - healthy);
  const unknown = live - healthy - unhealthy;
  const missing = Math.max(0, wanted - live - staged);
  const parts = { healthy, unhealthy, unknown, staged, missing };
  const over = Math.max(0, live + staged - wanted);
  return { parts, total: live + staged + missing, over, isChecked: (app.healthChecks?.length ?? 0) > 0 };
}

export const HEALTH_NAMES = {
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  unknown: 'without health result',
  staged: 'starting',
  missing: 'not started',
};

export function healthText(health) {
  const words = Object.entries(health.parts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind === 'unknown' && !health.isChecked ? 'running' : HEALTH_NAMES[kind]}`);
  if (health.over > 0) words.push(`${health.over} over capacity`);
  return words.length === 0 ? 'no instances' : words.join(', ');
}

// One row per app. Objects are small and rebuilt only for apps that changed (see RowCache).
export function appRow(app, queueItem, now) {
  const live = running(app);
  const count = Math.max(app.instances, live);
  return {
    kind: 'app',
    id: app.id,
    name: lastName(app.id),
    app,
    status: statusOf(app, queueItem, now),
    running: live,
    instances: app.instances,
    cpus: (app.cpus ?? 0) * count,
    mem: (app.mem ?? 0) * count,
    health: healthOf(app),
    labels: Object.entries(app.labels ?? {}),
  };
}

// Keeps the row of an app while neither the app, its queue entry nor its status changed.
export class RowCache {
  #rows = new Map();

  rows(apps, queue, now) {
    const next = new Map();
    for (const app of apps.values()) {
      const item = queue.get(app.id);
      const known = this.#rows.get(app.id);
      const isSame = known !== undefined && known.app === app && known.item === item &&
        (item === undefined || known.row.status === statusOf(app, item, now));
      next.set(app.id, isSame ? known : { app, item, row: appRow(app, item, now) });
    }
    this.#rows = next;
    return [...next.values()].map((entry) => entry.row);
  }
}

// Words match id or labels; key:value and key=value match a label; status:x a status.
export function parseQuery(text) {
  return text.toLowerCase().split(/\s+/).filter((word) => word !== '').map((word) => {
    const split = /^([^:=]+)[:=](.*)$/.exec(word);
    if (split === null) return { kind: 'word', word };
    if (split[1] === 'status') return { kind: 'status', value: split[2] };
    return { kind: 'label', key: split[1], value: split[2] };
  });
}

export function matches(row, terms) {
  return terms.every((term) => {
    if (term.kind === 'status') return row.status.startsWith(term.value);
    if (term.kind === 'label') return row.labels.some(([key, value]) => hasLabel(key, value, term));
    return row.id.toLowerCase().includes(term.word) || row.labels.some(([key, value]) =>
      key.toLowerCase().includes(term.word) || value.toLowerCase().includes(term.word));
  });
}

function hasLabel(key, value, term) {
  return key.toLowerCase() === term.key && value.toLowerCase().includes(term.value);
}

const SORTS = {
  name: (row) => row.id,
  status: (row) => STATUSES.indexOf(row.status),
  instances: (row) => row.running,
  health: (row) => healthShare(row.health),
  cpus: (row) => row.cpus,
  mem: (row) => row.mem,
};

function healthShare(health) {
  return health.total === 0 ? 1 : (health.parts.healthy + health.parts.unknown) / health.total;
}

// `sort` is a column name, with a leading minus for descending.
export function sortRows(rows, sort) {
  const isDescending = sort.startsWith('-');
  const key = SORTS[sort.replace(/^-/, '')] ?? SORTS.name;
  const sign = isDescending ? -1 : 1;
  const order = (left, right) => {
    const a = key(left);
    const b = key(right);
    if (a === b) return left.id < right.id ? -1 : 1;
    return a < b ? -sign : sign;
  };
  return [...rows].sort(order);
}

export function statusCounts(rows) {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
  for (const row of rows) counts[row.status] += 1;
  return counts;
}

// The list shown for a route: groups first, then apps; a search or status filter looks at every
// depth below the group and shows no groups.
export function listOf(rows, groupIds, route) {
  const group = route.group ?? '/';
  const below = rows.filter((row) => isBelow(row.id, group));
  const terms = parseQuery(route.q ?? '');
  const searched = terms.length === 0 ? below : below.filter((row) => matches(row, terms));
  const counts = statusCounts(searched);
  const filtered = STATUSES.includes(route.status)
    ? searched.filter((row) => row.status === route.status) : searched;
  const isFlat = route.layout === 'flat' || terms.length > 0 || filtered !== searched;
  const sort = route.sort || 'name';
  if (isFlat) return { rows: sortRows(filtered, sort), counts, total: below.length };
  const depth = segments(group).length + 1;
  const direct = filtered.filter((row) => segments(row.id).length === depth);
  const groups = groupRows(filtered, groupIds, group);
  return { rows: [...sortRows(groups, sort), ...sortRows(direct, sort)], counts, total: below.length };
}

export function groupRows(rows, groupIds, group) {
  const found = new Map();
  const depth = segments(group).length + 1;
  const touch = (id) => {
    if (!found.has(id)) found.set(id, emptyGroup(id));
    return found.get(id);
  };
  for (const id of groupIds) if (id !== '/' && parent(id) === group) touch(id);
  for (const row of rows) {
    if (segments(row.id).length > depth) add(touch(childTowards(row.id, group)), row);
  }
  return [...found.values()];
}

function emptyGroup(id) {
  return {
    kind: 'group', id, name: lastName(id), apps: 0, running: 0, instances: 0, cpus: 0, mem: 0,
    status: 'running', labels: [],
    health: { parts: { healthy: 0, unhealthy: 0, unknown: 0, staged: 0, missing: 0 }, total: 0, over: 0 },
  };
}

// The worst status of its apps is the status of a group.
const SEVERITY = ['suspended', 'running', 'deploying', 'waiting', 'delayed', 'unhealthy'];

function add(group, row) {
  const isFirst = group.apps === 0;
  group.apps += 1;
  for (const key of ['running', 'instances', 'cpus', 'mem']) group[key] += row[key];
  for (const kind of Object.keys(group.health.parts)) {
    group.health.parts[kind] += row.health.parts[kind];
  }
  group.health.total += row.health.total;
  group.health.over += row.health.over;
  if (isFirst || SEVERITY.indexOf(row.status) > SEVERITY.indexOf(group.status)) {
    group.status = row.status;
  }
}
