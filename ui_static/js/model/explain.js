// Why an app is as it is, in one sentence with a next step. Text comes from here and nowhere else,
// so list, page and toast say the same thing.
import * as format from '../format.js';
import { HEALTH_NAMES, healthOf, isDeploying, statusOf } from './apps.js';
import { stateName } from './instances.js';

const REASONS = {
  UnfulfilledRole: ['offers are for another role', 'check the role and acceptedResourceRoles of the app'],
  UnfulfilledConstraint: ['no node satisfies the constraints', 'relax the constraints or add a node that fits'],
  NoCorrespondingReservationFound: ['the reserved volume is on a node that makes no offer',
    'bring its node back, or wipe the instance to give the volume up'],
  AgentMaintenance: ['nodes are in maintenance', 'wait for the end of the maintenance or add nodes'],
  InsufficientCpus: ['no node has enough free CPU', 'lower cpus, stop something else or add a node'],
  InsufficientMemory: ['no node has enough free memory', 'lower mem, stop something else or add a node'],
  InsufficientDisk: ['no node has enough free disk', 'lower disk, stop something else or add a node'],
  InsufficientGpus: ['no node has enough free GPUs', 'lower gpus or add a node with GPUs'],
  InsufficientPorts: ['the wanted host ports are taken', 'use port 0 for any free port, or free the port'],
  DeclinedScarceResources: ['the free nodes keep their GPUs for apps that need them',
    'change --gpu_scheduling_behavior or add a node without GPUs'],
};

// The funnel of the last offers: each row says how many came in and how many were turned away.
export function funnel(queueItem) {
  const entries = queueItem?.processedOffersSummary?.rejectSummaryLastOffers ?? [];
  return entries.map((entry) => ({
    reason: entry.reason,
    text: REASONS[entry.reason]?.[0] ?? entry.reason,
    processed: entry.processed,
    declined: entry.declined,
  }));
}

export function mainObstacle(queueItem) {
  const declined = funnel(queueItem).filter((row) => row.declined > 0);
  if (declined.length === 0) return undefined;
  const worst = declined.reduce((a, b) => (b.declined > a.declined ? b : a));
  return { ...worst, next: REASONS[worst.reason]?.[1] ?? '' };
}

// {status, tone, text, next}; `deployment` is a deploymentView of the one under way, if any.
export function explain(app, { queueItem, deployment, now }) {
  const status = statusOf(app, queueItem, now);
  const say = { running, deploying, waiting, delayed, unhealthy, suspended }[status];
  return { status, ...say(app, { queueItem, deployment, now }) };
}

function counts(app) {
  return `${app.tasksRunning ?? 0} of ${app.instances}`;
}

function running(app, { now }) {
  const health = healthOf(app);
  const { healthy, unknown, missing, staged } = health.parts;
  const since = app.versionInfo?.lastConfigChangeAt ?? app.version;
  const tail = since ? `, this version since ${format.clock(since, now)}` : '';
  if (missing + staged > 0) {
    const rest = missing > 0 ? `${missing} ${HEALTH_NAMES.missing}` : `${staged} ${HEALTH_NAMES.staged}`;
    return { tone: 'warn', text: `Running ${counts(app)}, ${rest}${tail}`, next: '' };
  }
  let state = '';
  if (healthy > 0 && unknown === 0) state = ', all healthy';
  else if ((app.healthChecks?.length ?? 0) > 0 && unknown > 0) {
    state = `, ${format.plural(unknown, 'instance')} without a health result yet`;
  } else if (healthy === 0) state = ', no health check defined';
  return { tone: 'good', text: `Running ${counts(app)}${state}${tail}`, next: '' };
}

function deploying(app, { deployment }) {
  const step = deployment ? `, step ${Math.max(1, deployment.current)} of ${deployment.total}` : '';
  const what = deployment ? deployment.sentence : 'A deployment is under way';
  const checks = deployment?.waitingChecks?.length ?? 0;
  const next = checks > 0 ? `Waiting for ${format.plural(checks, 'readiness check')}` : '';
  return { tone: 'busy', text: `${what}${step}: ${counts(app)} running`, next };
}

function waiting(app, { queueItem, now }) {
  const span = queueItem.since ? ` ${format.duration(now - Date.parse(queueItem.since))}` : '';
  const who = `${format.plural(queueItem.count, 'instance')} (${needs(app)})`;
  const obstacle = mainObstacle(queueItem);
  if (obstacle !== undefined) {
    const share = `${obstacle.declined} of ${obstacle.processed} offers turned away`;
    return {
      tone: 'warn',
      text: `Waiting${span} for ${who}: ${obstacle.text} (${share})`,
      next: capital(obstacle.next),
    };
  }
  const seen = queueItem.processedOffersSummary?.processedOffersCount ?? 0;
  if (seen === 0) {
    return {
      tone: 'warn',
      text: `Waiting${span} for ${who}: no node has offered resources yet`,
      next: 'Check that agents are connected and that their resources are not all in use',
    };
  }
  return { tone: 'warn', text: `Waiting${span} for ${who}: looking for a node`, next: '' };
}

function needs(app) {
  const parts = [`${format.cpus(app.cpus)} CPU`, format.memory(app.mem)];
  if (app.disk > 0) parts.push(`${format.memory(app.disk)} disk`);
  if (app.gpus > 0) parts.push(`${app.gpus} GPU`);
  return parts.join(', ');
}

function delayed(app, { queueItem }) {
  const wait = format.duration((queueItem.delay?.timeLeftSeconds ?? 0) * 1000);
  return {
    tone: 'bad',
    text: `Delayed after failures: next try in ${wait}, ${counts(app)} running${lastFailure(app)}`,
    next: 'Mend the cause and reset the delay to try at once',
  };
}

function lastFailure(app) {
  const failure = app.lastTaskFailure;
  if (!failure) return '';
  const message = failure.message ? `: ${failure.message}` : '';
  return `. Last: ${stateName(failure.state)} on ${failure.host}${message}`;
}

function unhealthy(app) {
  const task = (app.tasks ?? []).find((one) =>
    (one.healthCheckResults ?? []).some((result) => result.alive === false));
  const result = task?.healthCheckResults.find((one) => one.alive === false);
  const cause = result?.lastFailureCause ? `: ${result.lastFailureCause}` : '';
  const fails = app.tasksUnhealthy === 1 ? 'fails its' : 'fail their';
  return {
    tone: 'bad',
    text: `${app.tasksUnhealthy} of ${format.plural(app.tasksRunning, 'running instance')} ` +
      `${fails} health check${cause}`,
    next: 'Check path, port index and grace period of the check, and the output of the instance',
  };
}

function suspended() {
  return { tone: 'quiet', text: 'Suspended: scaled to 0 instances', next: 'Resume starts it again' };
}

function capital(text) {
  return text === '' ? '' : text[0].toUpperCase() + text.slice(1);
}

export function deploymentOf(app, deployments) {
  if (!isDeploying(app)) return undefined;
  const ids = new Set(app.deployments.map((one) => one.id));
  return deployments.find((one) => ids.has(one.id));
}
