import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentView } from '../../../ui_static/js/model/deployments.js';
import { changeText, entriesOf, outcomeOf, withOutcome } from '../../../ui_static/js/model/history.js';
import { planView } from '../../../ui_static/js/model/plan.js';
import { whyView } from '../../../ui_static/js/model/why.js';
import { diff } from '../../../ui_static/js/model/diff.js';
import { explain, mainObstacle } from '../../../ui_static/js/model/explain.js';
import { absolute, shortTaskId, toPath } from '../../../ui_static/js/model/ids.js';
import { instanceViews, versionRows } from '../../../ui_static/js/model/instances.js';
import { appLink, listLink, parseRoute } from '../../../ui_static/js/model/route.js';
import * as format from '../../../ui_static/js/format.js';

const NOW = Date.parse('2024-05-01T10:00:00Z');
const TASK = {
  id: 'web.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01._app.1', host: 'node-1', ports: [31045],
  state: 'TASK_RUNNING', startedAt: '2024-05-01T09:00:00Z', version: '2024-05-01T09:00:00Z',
  healthCheckResults: [],
};
const APP = {
  id: '/web', instances: 2, cpus: 0.5, mem: 4096, deployments: [], tasksRunning: 2, tasksStaged: 0,
  tasksHealthy: 2, tasksUnhealthy: 0, healthChecks: [{ protocol: 'HTTP' }],
  version: '2024-05-01T09:00:00Z', versionInfo: { lastConfigChangeAt: '2024-05-01T09:00:00Z' },
};

test('links of the old page lead to the same screens', () => {
  assert.deepEqual(parseRoute('#/apps/%2Fprod%2Fweb'), { view: 'app', id: '/prod/web', tab: 'instances', task: '' });
  assert.equal(parseRoute('#/apps/%2Fprod%2Fweb/configuration').tab, 'configuration');
  assert.equal(parseRoute('#/apps/%2Fweb/web.instance-1').task, 'web.instance-1');
  assert.equal(parseRoute('#/group/%2Fprod%2F').group, '/prod');
  assert.equal(parseRoute('#/deployments').view, 'deployments');
});

test('own links are read back as they were made', () => {
  assert.equal(parseRoute(appLink('/prod/web', 'debug')).id, '/prod/web');
  assert.equal(parseRoute(appLink('/prod/web', 'debug')).tab, 'debug');
  const link = listLink({ group: '/prod', q: 'a b', status: 'waiting', sort: '-cpus', layout: 'flat' });
  assert.deepEqual(parseRoute(link), { view: 'apps', group: '/prod', q: 'a b', status: 'waiting', sort: '-cpus', layout: 'flat' });
});

test('an app named like a tab is still an app', () => {
  assert.equal(parseRoute(appLink('/prod/configuration')).id, '/prod/configuration');
});

test('a broken address shows a screen, not an error', () => {
  assert.equal(parseRoute('#/apps/%E0%A4%A').view, 'app');
  assert.equal(parseRoute('#/nonsense').view, 'apps');
});

test('ids are escaped segment by segment', () => {
  assert.equal(toPath('/prod/a b'), 'prod/a%20b');
  assert.equal(absolute('prod//web/'), '/prod/web');
  assert.equal(shortTaskId(TASK.id), '0d3a1b2e');
});

test('an instance says its address, state and health', () => {
  const failing = { ...TASK, healthCheckResults: [{ alive: false, lastFailureCause: 'status 503' }] };
  const [view] = instanceViews({ ...APP, tasks: [failing] });
  assert.deepEqual(view.endpoints, [{ host: 'node-1', port: 31045 }]);
  assert.equal(view.stateName, 'Running');
  assert.equal(view.health, 'unhealthy');
  assert.equal(view.healthCause, 'status 503');
});

test('an instance that has no result yet is not called healthy', () => {
  assert.equal(instanceViews({ ...APP, tasks: [TASK] })[0].health, 'waiting');
  assert.equal(instanceViews({ ...APP, healthChecks: [], tasks: [TASK] })[0].health, 'none');
});

test('a scale makes no instance outdated, a new configuration does', () => {
  const scaled = { ...APP, version: '2024-05-01T09:30:00Z', tasks: [TASK] };
  assert.equal(instanceViews(scaled)[0].isOutdated, false);
  const changed = { ...scaled, versionInfo: { lastConfigChangeAt: '2024-05-01T09:30:00Z' } };
  assert.equal(instanceViews(changed)[0].isOutdated, true);
});

test('blocks are grouped by version, and missing instances are shown with the new one', () => {
  const rows = versionRows({
    ...APP, instances: 3, versionInfo: { lastConfigChangeAt: '2024-05-01T09:30:00Z' },
    tasks: [TASK, { ...TASK, id: 'b', version: '2024-05-01T09:30:00Z' }],
  });
  assert.deepEqual(rows.map((row) => [row.isOutdated, row.views.length, row.missing]), [[false, 1, 1], [true, 1, 0]]);
});

test('the sentence of a healthy app is complete', () => {
  const why = explain(APP, { now: NOW });
  assert.equal(why.tone, 'good');
  assert.match(why.text, /^Running 2 of 2, all healthy, this version since /);
});

const ITEM = {
  count: 2, since: '2024-05-01T09:57:00Z', delay: { overdue: true, timeLeftSeconds: 0 },
  processedOffersSummary: {
    processedOffersCount: 3,
    rejectSummaryLastOffers: [
      { reason: 'InsufficientCpus', declined: 1, processed: 3 },
      { reason: 'InsufficientMemory', declined: 2, processed: 2 },
    ],
  },
};

test('a waiting app says for how long, for what, why and what to do', () => {
  const why = explain({ ...APP, tasksRunning: 0 }, { queueItem: ITEM, now: NOW });
  assert.equal(why.text, 'Waiting 3 min for 2 instances (0.5 CPU, 4 GiB): no node has enough free memory (2 of 2 offers turned away)');
  assert.match(why.next, /^Lower mem/);
});

test('a waiting app without any offer points to the agents', () => {
  const item = { ...ITEM, processedOffersSummary: { processedOffersCount: 0, rejectSummaryLastOffers: [] } };
  assert.match(explain(APP, { queueItem: item, now: NOW }).next, /agents are connected/);
});

test('a reason this page does not know is still shown', () => {
  const item = { processedOffersSummary: { rejectSummaryLastOffers: [{ reason: 'NewReason', declined: 1, processed: 1 }] } };
  assert.equal(mainObstacle(item).text, 'NewReason');
});

test('a delayed app says when the next try is and what failed', () => {
  const app = { ...APP, tasksRunning: 0, lastTaskFailure: { state: 'TASK_FAILED', host: 'node-1', message: 'exit 1' } };
  const why = explain(app, { queueItem: { ...ITEM, delay: { overdue: false, timeLeftSeconds: 75 } }, now: NOW });
  assert.equal(why.text, 'Delayed after failures: next try in 1 min, 0 of 2 running. Last: Failed on node-1: exit 1');
});

const DEPLOYMENT = {
  id: '97c136bf-5a28', version: '2024-05-01T10:00:00Z', affectedApps: ['/web'], affectedPods: [],
  steps: [{ actions: [{ action: 'StartApplication', app: '/web' }] }, { actions: [{ action: 'ScaleApplication', app: '/web' }] }],
  currentActions: [{ action: 'ScaleApplication', app: '/web', readinessCheckResults: [] }], currentStep: 2, totalSteps: 2,
};

test('steps before the current one are done', () => {
  const view = deploymentView(DEPLOYMENT);
  assert.deepEqual(view.steps.map((step) => step.state), ['done', 'current']);
  assert.equal(view.percent, 50);
  assert.equal(view.sentence, 'Scaling /web');
});

test('a deployment that has not begun has no current step', () => {
  const view = deploymentView({ ...DEPLOYMENT, currentStep: 0, currentActions: [] });
  assert.deepEqual(view.steps.map((step) => step.state), ['todo', 'todo']);
  assert.equal(view.sentence, 'Preparing the first step');
});

test('the history keeps one entry per deployment and is bounded', () => {
  let history = [];
  for (let index = 0; index < 80; index += 1) {
    history = withOutcome(history, { eventType: 'deployment_success', id: `d${index}`, plan: { steps: [] } });
  }
  assert.equal(history.length, 50);
  assert.equal(history[0].id, 'd79');
  assert.equal(withOutcome(history, { eventType: 'deployment_failed', id: 'd79' }).length, 50);
  assert.equal(withOutcome(history, { eventType: 'status_update_event' }), history);
});

test('durations and sizes read like a person says them', () => {
  assert.equal(format.duration(59_999), '59 s');
  assert.equal(format.duration(3_600_000 * 25), '1 d 1 h');
  assert.equal(format.memory(1536), '1.5 GiB');
  assert.equal(format.memory(64), '64 MiB');
  assert.equal(format.cpus(0.1 + 0.2), '0.3');
  assert.equal(format.ago('nonsense', NOW), '');
});

test('what the server kept of a deployment is read like what this page saw', () => {
  const [entry] = entriesOf([{
    id: 'd1', outcome: 'rolledBack', reason: 'rolled back by ann', actor: 'ann', startedAt: 's', endedAt: 'e',
    changes: [{ app: '/web', change: 'updated', diff: [{ path: '/cmd' }, { path: '/env/A' }, { path: '/mem' }] }],
  }]);
  assert.deepEqual(entry.services, ['/web']);
  assert.deepEqual(outcomeOf(entry), { text: 'Rolled back', tone: 'bad' });
  assert.equal(changeText(entry.changes[0]), 'changed: /cmd, /env/A and 1 other member');
  assert.equal(changeText({ change: 'created', diff: [] }), 'created');
});

test('a halted deployment says why', () => {
  const paused = deploymentView({ ...DEPLOYMENT, paused: { reason: 'paused by ann', since: 's' } });
  assert.deepEqual(paused.halt, { isPaused: true, reason: 'paused by ann', since: 's' });
  assert.equal(deploymentView({ ...DEPLOYMENT, stalled: { reason: 'x', since: 's' } }).halt.isPaused, false);
  assert.equal(deploymentView(DEPLOYMENT).halt, undefined);
});

test('a plan that does not fit warns and names what is lacking', () => {
  const view = planView({
    changes: true, fits: false, text: 'replaces 2 instances', totals: { replaced: 2, started: 0, stopped: 1 }, conflicts: ['d1'],
    services: [{ id: '/web', fields: [{ path: '/mem', before: 1, after: 2 }], room: { fits: false, text: 'no room' } }],
  });
  assert.equal(view.tone, 'warn');
  assert.deepEqual(view.rooms, ['no room']);
  assert.equal(view.effect, 'replaces 2 instances, stops 1 instance');
  assert.equal(planView({ changes: false, services: [] }).tone, 'quiet');
});

test('the why panel is there only when there is something to say', () => {
  assert.equal(whyView(undefined), undefined);
  assert.equal(whyView({ reasons: [], nodes: [] }), undefined);
  const view = whyView({
    text: 't', reasons: [{ code: 'c', text: 'r' }], nearest: [{ host: 'n1', lacks: [{ text: '1 MB' }, { text: '2 CPU' }] }],
    nodes: [{ stage: 'all', in: 4, removed: 0 }, { stage: 'cpus', in: 4, removed: 3 }],
  });
  assert.deepEqual(view.stages.map((stage) => [stage.left, stage.percent]), [[4, 100], [1, 25]]);
  assert.equal(view.nearest[0].lacks, '1 MB, 2 CPU');
});

test('a difference names members by pointer, absent sides left out', () => {
  assert.deepEqual(diff({ cmd: 'a', env: { 'X/Y': '1' }, args: [1, 2] }, { cmd: 'b', env: {}, args: [1, 3], mem: 1 }), [
    { path: '/cmd', before: 'a', after: 'b' }, { path: '/env/X~1Y', before: '1' },
    { path: '/args/1', before: 2, after: 3 }, { path: '/mem', after: 1 },
  ]);
  assert.deepEqual(diff({ a: 1 }, { a: 1 }), []);
});
