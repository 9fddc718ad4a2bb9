// Which objects an event makes stale. Events are hints: the object is read again, once for many.

const APP_EVENTS = {
  status_update_event: 'appId',
  failed_health_check_event: 'appId',
  health_status_changed_event: 'appId',
  unhealthy_instance_kill_event: 'appId',
  unhealthy_task_kill_event: 'appId',
  add_health_check_event: 'appId',
  remove_health_check_event: 'appId',
  app_terminated_event: 'appId',
  instance_changed_event: 'runSpecId',
  instance_health_changed_event: 'runSpecId',
};
const ENDS = ['deployment_success', 'deployment_failed'];
const DEPLOYMENT_EVENTS = ['deployment_info', ...ENDS, 'deployment_step_success',
  'deployment_step_failure', 'deployment_paused', 'deployment_stalled', 'deployment_resumed'];
const QUEUE_EVENTS = ['instance_changed_event', 'status_update_event', ...DEPLOYMENT_EVENTS];

export const appKey = (id) => `app:${id}`;

// Keys: app:<id>, deployments, history, queue, groups, info.
export function staleKeys(event) {
  const keys = new Set();
  const member = APP_EVENTS[event.eventType];
  if (member !== undefined && event[member]) keys.add(appKey(event[member]));
  if (event.eventType === 'api_post_event' && event.appDefinition?.id) {
    keys.add(appKey(event.appDefinition.id));
    keys.add('groups');
  }
  if (DEPLOYMENT_EVENTS.includes(event.eventType)) {
    keys.add('deployments');
    for (const step of event.plan?.steps ?? []) {
      for (const action of step.actions ?? []) if (action.app) keys.add(appKey(action.app));
    }
  }
  if (ENDS.includes(event.eventType)) keys.add('history');
  if (QUEUE_EVENTS.includes(event.eventType)) keys.add('queue');
  if (event.eventType === 'group_change_success') keys.add('groups');
  if (/^scheduler_/.test(event.eventType ?? '')) keys.add('info');
  return [...keys];
}

const GAP_MILLISECONDS = { app: 250, deployments: 250, history: 500, queue: 500, groups: 1000, info: 1000, all: 1000 };
const SETTLE_MILLISECONDS = 50;
const READS_AT_ONCE_MAX = 4;
const APPS_BEFORE_FULL_READ = 100;
const ATTEMPTS_MAX = 5;
const RETRY_MILLISECONDS = 1000;

// Coalesces stale keys into reads. Pure: the caller gives the time, starts the reads it is told to
// start, and reports their end. A busy object is read again at most once per gap; when very many
// apps are stale at once, one full read is cheaper than single ones.
export class RefreshQueue {
  #dirty = new Map();
  #running = new Map();
  #attempts = new Map();
  #notBefore = new Map();

  mark(keys, now) {
    for (const key of keys) {
      if (this.#dirty.has(key)) continue;
      this.#dirty.set(key, Math.max(now + SETTLE_MILLISECONDS, this.#notBefore.get(key) ?? 0));
    }
    const apps = [...this.#dirty.keys()].filter((key) => key.startsWith('app:'));
    if (apps.length > APPS_BEFORE_FULL_READ) {
      for (const key of apps) this.#dirty.delete(key);
      if (!this.#dirty.has('all')) {
        this.#dirty.set('all', Math.max(now, this.#notBefore.get('all') ?? 0));
      }
    }
    this.#forgetPast(now);
  }

  #forgetPast(now) {
    for (const [key, time] of this.#notBefore) if (time <= now) this.#notBefore.delete(key);
  }

  // Keys to read now; each is running until `finish`.
  start(now) {
    const started = [];
    for (const [key, due] of this.#dirty) {
      if (this.#running.size >= READS_AT_ONCE_MAX) break;
      if (due > now || this.#running.has(key)) continue;
      this.#dirty.delete(key);
      this.#running.set(key, now);
      started.push(key);
    }
    return started;
  }

  // outcome: 'ok' or 'failed'. Returns 'gave-up' when the key failed too often in a row.
  finish(key, now, outcome) {
    const took = now - (this.#running.get(key) ?? now);
    this.#running.delete(key);
    if (outcome === 'ok') {
      this.#attempts.delete(key);
      const gap = Math.max(GAP_MILLISECONDS[key.split(':')[0]] ?? 250, 2 * took);
      this.#notBefore.set(key, now + gap);
      if (this.#dirty.has(key)) this.#dirty.set(key, now + gap);
      return 'ok';
    }
    const attempts = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempts);
    if (attempts >= ATTEMPTS_MAX) {
      this.#attempts.delete(key);
      return 'gave-up';
    }
    this.#dirty.set(key, now + RETRY_MILLISECONDS * attempts);
    return 'retry';
  }

  // Milliseconds until `start` may have work, or undefined when only `finish` or `mark` can make some.
  wait(now) {
    let soonest;
    if (this.#running.size >= READS_AT_ONCE_MAX) return undefined;
    for (const [key, due] of this.#dirty) {
      if (this.#running.has(key)) continue;
      const left = Math.max(0, due - now);
      if (soonest === undefined || left < soonest) soonest = left;
    }
    return soonest;
  }

  clear() {
    this.#dirty.clear();
    this.#attempts.clear();
    this.#notBefore.clear();
  }
}

const BACKOFF_FIRST_MILLISECONDS = 500;
const BACKOFF_MAX_MILLISECONDS = 15_000;

// `fraction` in [0, 1) spreads many pages over the time after a leader change.
export function backoff(attempt, fraction) {
  const full = Math.min(BACKOFF_MAX_MILLISECONDS, BACKOFF_FIRST_MILLISECONDS * 2 ** Math.min(attempt, 10));
  return Math.round(full * (0.5 + fraction / 2));
}
