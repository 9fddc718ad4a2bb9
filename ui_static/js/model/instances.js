// Instances of one app as the page shows them, from the tasks of GET /v2/apps/{id}.
import { shortTaskId } from './ids.js';

export const STATE_NAMES = {
  TASK_STAGING: 'Staging',
  TASK_STARTING: 'Starting',
  TASK_RUNNING: 'Running',
  TASK_KILLING: 'Stopping',
  TASK_FINISHED: 'Finished',
  TASK_FAILED: 'Failed',
  TASK_KILLED: 'Killed',
  TASK_ERROR: 'Error',
  TASK_LOST: 'Lost',
  TASK_UNREACHABLE: 'Unreachable',
  TASK_GONE: 'Gone',
  TASK_DROPPED: 'Dropped',
  TASK_UNKNOWN: 'Unknown',
};

const STARTING = ['TASK_STAGING', 'TASK_STARTING'];
const LIVE = [...STARTING, 'TASK_RUNNING', 'TASK_KILLING'];

export function stateName(state) {
  return STATE_NAMES[state] ?? String(state ?? '').replace(/^TASK_/, '').toLowerCase();
}

// healthy: all checks alive; unhealthy: one is not; waiting: checks exist, no result yet; none.
export function healthOfTask(task, app) {
  const results = task.healthCheckResults ?? [];
  if (results.some((result) => result.alive === false)) return 'unhealthy';
  if (results.length > 0) return 'healthy';
  return (app.healthChecks?.length ?? 0) > 0 ? 'waiting' : 'none';
}

export const TASK_HEALTH_NAMES = {
  healthy: 'Healthy',
  unhealthy: 'Unhealthy',
  waiting: 'No result yet',
  none: 'No check',
};

// What the block of an instance looks like: one tone from state and health.
export function toneOf(state, health) {
  if (state === 'TASK_KILLING') return 'stopping';
  if (STARTING.includes(state)) return 'staged';
  if (state !== 'TASK_RUNNING') return 'unhealthy';
  if (health === 'unhealthy') return 'unhealthy';
  return health === 'healthy' ? 'healthy' : 'unknown';
}

// A scale changes the app's version but restarts nothing, so the last configuration change decides.
export function isOutdated(task, app) {
  const changed = Date.parse(app.versionInfo?.lastConfigChangeAt);
  const started = Date.parse(task.version);
  return !Number.isNaN(changed) && !Number.isNaN(started) && started < changed;
}

export function instanceView(task, app) {
  const health = healthOfTask(task, app);
  const failed = (task.healthCheckResults ?? []).find((result) => result.alive === false);
  return {
    id: task.id,
    shortId: shortTaskId(task.id),
    host: task.host ?? '',
    endpoints: (task.ports ?? []).map((port) => ({ host: task.host, port })),
    state: task.state,
    stateName: stateName(task.state),
    health,
    healthName: TASK_HEALTH_NAMES[health],
    healthCause: failed?.lastFailureCause ?? '',
    tone: toneOf(task.state, health),
    version: task.version ?? '',
    isOutdated: isOutdated(task, app),
    isLive: LIVE.includes(task.state),
    since: task.startedAt ?? task.stagedAt ?? '',
  };
}

const TONE_ORDER = ['unhealthy', 'stopping', 'staged', 'unknown', 'healthy'];

// Trouble first, then by start, oldest first; the order stays put while nothing changes.
export function instanceViews(app) {
  return (app.tasks ?? []).map((task) => instanceView(task, app)).sort((a, b) =>
    TONE_ORDER.indexOf(a.tone) - TONE_ORDER.indexOf(b.tone) ||
    compare(a.since, b.since) || compare(a.id, b.id));
}

function compare(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

// One row of blocks per version, newest first, plus the instances that have no task yet.
export function versionRows(app) {
  const rows = new Map();
  const views = instanceViews(app).sort((a, b) => compare(a.since, b.since) || compare(a.id, b.id));
  for (const view of views) {
    const key = view.isOutdated ? view.version : 'current';
    if (!rows.has(key)) rows.set(key, { key, version: view.version, isOutdated: view.isOutdated, views: [] });
    rows.get(key).views.push(view);
  }
  const current = rows.get('current') ??
    { key: 'current', version: app.version, isOutdated: false, views: [] };
  const live = views.filter((view) => view.isLive).length;
  current.missing = Math.max(0, (app.instances ?? 0) - live);
  rows.delete('current');
  const old = [...rows.values()].sort((a, b) => compare(b.version, a.version));
  return [current, ...old.map((row) => ({ ...row, missing: 0 }))];
}
