import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  RowCache, appRow, healthOf, healthText, listOf, matches, parseQuery, sortRows, statusOf,
} from '../../../ui_static/js/model/apps.js';

const NOW = Date.parse('2024-05-01T10:00:00Z');

function anApp(fields = {}) {
  return {
    id: '/web', instances: 2, cpus: 0.5, mem: 100, labels: {}, deployments: [],
    tasksRunning: 2, tasksStaged: 0, tasksHealthy: 0, tasksUnhealthy: 0, ...fields,
  };
}

const queued = (fields = {}) => ({
  count: 1, delay: { overdue: true, timeLeftSeconds: 0 }, since: '2024-05-01T09:59:58Z', ...fields,
});

test('an app that runs as wanted is running', () => {
  assert.equal(statusOf(anApp(), undefined, NOW), 'running');
});

test('a deployment shows as deploying, also while its launch is young', () => {
  const app = anApp({ deployments: [{ id: 'd' }] });
  assert.equal(statusOf(app, undefined, NOW), 'deploying');
  assert.equal(statusOf(app, queued(), NOW), 'deploying');
});

test('a launch that finds no place for long is waiting, even within its deployment', () => {
  const app = anApp({ deployments: [{ id: 'd' }], tasksRunning: 0 });
  assert.equal(statusOf(app, queued({ since: '2024-05-01T09:59:00Z' }), NOW), 'waiting');
});

test('a launch outside of any deployment is waiting at once', () => {
  assert.equal(statusOf(anApp({ tasksRunning: 1 }), queued(), NOW), 'waiting');
});

test('backoff shows as delayed before everything else', () => {
  const item = queued({ delay: { overdue: false, timeLeftSeconds: 9 } });
  assert.equal(statusOf(anApp({ deployments: [{ id: 'd' }] }), item, NOW), 'delayed');
});

test('a failing check shows as unhealthy', () => {
  assert.equal(statusOf(anApp({ tasksUnhealthy: 1 }), undefined, NOW), 'unhealthy');
});

test('an app without instances is suspended only when none runs any more', () => {
  assert.equal(statusOf(anApp({ instances: 0, tasksRunning: 0 }), undefined, NOW), 'suspended');
  assert.equal(statusOf(anApp({ instances: 0, tasksRunning: 1 }), undefined, NOW), 'running');
});

test('the parts of the health bar add up to its total', () => {
  const health = healthOf(anApp({ instances: 6, tasksRunning: 4, tasksStaged: 1, tasksHealthy: 2, tasksUnhealthy: 1 }));
  assert.deepEqual(health.parts, { healthy: 2, unhealthy: 1, unknown: 1, staged: 1, missing: 1 });
  assert.equal(health.total, 6);
  assert.equal(health.over, 0);
});

test('instances above the wanted count are said to be over capacity', () => {
  const health = healthOf(anApp({ instances: 1, tasksRunning: 3, healthChecks: [{}] }));
  assert.equal(health.over, 2);
  assert.match(healthText(health), /3 without health result, 2 over capacity/);
});

test('an app without checks is not said to lack a result', () => {
  assert.equal(healthText(healthOf(anApp())), '2 running');
});

test('search words match id and labels, and all must match', () => {
  const row = appRow(anApp({ id: '/shop/web', labels: { tier: 'Front' } }), undefined, NOW);
  assert.ok(matches(row, parseQuery('shop front')));
  assert.ok(matches(row, parseQuery('tier:front')));
  assert.ok(matches(row, parseQuery('tier=fro')));
  assert.ok(!matches(row, parseQuery('shop back')));
  assert.ok(!matches(row, parseQuery('owner:front')));
  assert.ok(matches(row, parseQuery('status:run')));
});

test('equal keys sort by id in both directions', () => {
  const rows = ['/b', '/a', '/c'].map((id) => appRow(anApp({ id }), undefined, NOW));
  assert.deepEqual(sortRows(rows, 'cpus').map((row) => row.id), ['/a', '/b', '/c']);
  assert.deepEqual(sortRows(rows, '-cpus').map((row) => row.id), ['/a', '/b', '/c']);
  assert.deepEqual(sortRows(rows, '-name').map((row) => row.id), ['/c', '/b', '/a']);
});

const IDS = ['/shop/web', '/shop/db/main', '/hello'];
const rowsOf = (ids) => ids.map((id) => appRow(anApp({ id }), undefined, NOW));

test('the list shows groups first, with the sums of everything below', () => {
  const list = listOf(rowsOf(IDS), [], { group: '/', q: '', status: '' });
  assert.deepEqual(list.rows.map((row) => [row.kind, row.id]), [['group', '/shop'], ['app', '/hello']]);
  assert.equal(list.rows[0].apps, 2);
  assert.equal(list.rows[0].running, 4);
});

test('inside a group only its own children are shown', () => {
  const list = listOf(rowsOf(IDS), [], { group: '/shop', q: '', status: '' });
  assert.deepEqual(list.rows.map((row) => row.id), ['/shop/db', '/shop/web']);
});

test('a group without apps is shown where it belongs', () => {
  const list = listOf(rowsOf(IDS), ['/empty', '/empty/inner'], { group: '/', q: '', status: '' });
  assert.ok(list.rows.some((row) => row.id === '/empty' && row.apps === 0));
  assert.ok(!list.rows.some((row) => row.id === '/empty/inner'));
});

test('a group that merely starts with the same letters is another group', () => {
  const list = listOf(rowsOf(['/shop/web', '/shopping/web']), [], { group: '/shop', q: '', status: '' });
  assert.deepEqual(list.rows.map((row) => row.id), ['/shop/web']);
});

test('a search looks below all groups and shows no group', () => {
  const list = listOf(rowsOf(IDS), [], { group: '/', q: 'main', status: '' });
  assert.deepEqual(list.rows.map((row) => row.id), ['/shop/db/main']);
});

test('counts of the status filter do not depend on the chosen status', () => {
  const rows = [appRow(anApp(), undefined, NOW), appRow(anApp({ id: '/x', tasksUnhealthy: 1 }), undefined, NOW)];
  const list = listOf(rows, [], { group: '/', q: '', status: 'unhealthy' });
  assert.deepEqual(list.rows.map((row) => row.id), ['/x']);
  assert.equal(list.counts.running, 1);
  assert.equal(list.counts.unhealthy, 1);
});

test('only the row of a changed app is built anew', () => {
  const cache = new RowCache();
  const apps = new Map([['/a', anApp({ id: '/a' })], ['/b', anApp({ id: '/b' })]]);
  const before = cache.rows(apps, new Map(), NOW);
  apps.set('/b', anApp({ id: '/b', tasksRunning: 1 }));
  const after = cache.rows(apps, new Map(), NOW);
  assert.equal(after[0], before[0]);
  assert.notEqual(after[1], before[1]);
});

test('a row changes its status when only time has passed', () => {
  const cache = new RowCache();
  const apps = new Map([['/a', anApp({ id: '/a', deployments: [{ id: 'd' }] })]]);
  const queue = new Map([['/a', queued()]]);
  assert.equal(cache.rows(apps, queue, NOW)[0].status, 'deploying');
  assert.equal(cache.rows(apps, queue, NOW + 60_000)[0].status, 'waiting');
});

test('ten thousand apps are listed within the budget of a frame or few', () => {
  const rows = rowsOf(Array.from({ length: 10_000 }, (_, index) => `/g${index % 50}/app-${index}`));
  const started = performance.now();
  const list = listOf(rows, [], { group: '/', q: 'app-99', status: '' });
  const took = performance.now() - started;
  assert.equal(list.rows.length, 111);
  assert.ok(took < 200, `took ${took} ms`);
});
