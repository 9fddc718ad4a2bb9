import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIELDS, editable, fieldEdits, fieldFor, fieldValue } from '../../../ui_static/js/model/form.js';
import { pathSegments, problemOf } from '../../../ui_static/js/model/problems.js';
import { RefreshQueue, backoff, staleKeys } from '../../../ui_static/js/model/refresh.js';
import { editText, lineOf, readText } from '../../../ui_static/js/json_text.js';

const field = (name) => FIELDS.find((one) => one.name === name);

function typed(text, name, value) {
  return editText(text, fieldEdits(readText(text).value, field(name), value));
}

test('a task event makes only its app and the queue stale', () => {
  assert.deepEqual(staleKeys({ eventType: 'status_update_event', appId: '/web' }), ['app:/web', 'queue']);
  assert.deepEqual(staleKeys({ eventType: 'instance_health_changed_event', runSpecId: '/web' }), ['app:/web']);
});

test('a deployment event makes all apps of its plan stale', () => {
  const plan = { steps: [{ actions: [{ action: 'ScaleApplication', app: '/a' }, { action: 'ScalePod', pod: '/p' }] }] };
  assert.deepEqual(staleKeys({ eventType: 'deployment_info', plan }), ['deployments', 'app:/a', 'queue']);
});

test('events about nothing that is shown cause no read', () => {
  assert.deepEqual(staleKeys({ eventType: 'event_stream_attached' }), []);
  assert.deepEqual(staleKeys({}), []);
});

test('a burst of events about one app is one read', () => {
  const queue = new RefreshQueue();
  for (let count = 0; count < 50; count += 1) queue.mark(['app:/web'], 1000 + count);
  assert.deepEqual(queue.start(1050), ['app:/web']);
  assert.deepEqual(queue.start(2000), []);
});

test('an object that changes during its read is read again, not before the gap', () => {
  const queue = new RefreshQueue();
  queue.mark(['app:/web'], 0);
  queue.start(100);
  queue.mark(['app:/web'], 110);
  assert.deepEqual(queue.start(200), [], 'never two reads of one object at once');
  queue.finish('app:/web', 200, 'ok');
  assert.deepEqual(queue.start(210), []);
  assert.equal(queue.wait(210), 240);
  assert.deepEqual(queue.start(450), ['app:/web']);
});

test('few reads run at once', () => {
  const queue = new RefreshQueue();
  queue.mark(Array.from({ length: 20 }, (_, index) => `app:/a${index}`), 0);
  assert.equal(queue.start(100).length, 4);
  assert.equal(queue.start(100).length, 0);
  queue.finish('app:/a0', 120, 'ok');
  assert.equal(queue.start(130).length, 1);
});

test('very many stale apps become one full read', () => {
  const queue = new RefreshQueue();
  queue.mark(Array.from({ length: 101 }, (_, index) => `app:/a${index}`), 0);
  assert.deepEqual(queue.start(100), ['all']);
});

test('a failing read is tried again a bounded number of times', () => {
  const queue = new RefreshQueue();
  queue.mark(['queue'], 0);
  let now = 100;
  const verdicts = [];
  for (let count = 0; count < 5; count += 1) {
    assert.deepEqual(queue.start(now), ['queue']);
    verdicts.push(queue.finish('queue', now, 'failed'));
    now += 10_000;
  }
  assert.deepEqual(verdicts, ['retry', 'retry', 'retry', 'retry', 'gave-up']);
  assert.equal(queue.wait(now), undefined);
});

test('reconnection waits longer each time, up to a bound, and spreads', () => {
  assert.ok(backoff(0, 0.5) < backoff(3, 0.5));
  assert.ok(backoff(50, 0.99) <= 15_000);
  assert.notEqual(backoff(2, 0), backoff(2, 0.9));
});

test('each kind of refusal is said in words with a next step', () => {
  assert.equal(problemOf({ status: 0 }).kind, 'offline');
  assert.match(problemOf({ status: 0, body: { isWrite: true } }).next, /may or may not have arrived/);
  const invalid = problemOf({ status: 422, body: { message: 'Object is not valid', details: [{ path: '/cpus', errors: ['too small'] }] } });
  assert.deepEqual(invalid.fields, [{ path: '/cpus', messages: ['too small'] }]);
  const conflict = problemOf({ status: 409, body: { message: 'App is locked', deployments: [{ id: 'd1' }] } });
  assert.equal(conflict.kind, 'conflict');
  assert.deepEqual(conflict.deployments, ['d1']);
  assert.equal(problemOf({ status: 409, body: { message: 'An app with id [/x] already exists.' } }).kind, 'exists');
  assert.equal(problemOf({ status: 400, body: { message: 'Invalid JSON', details: 'at 3' } }).next, 'at 3');
  assert.equal(problemOf({ status: 503, body: {} }).kind, 'busy');
  for (const status of [0, 400, 401, 403, 404, 409, 413, 415, 422, 500, 502]) {
    assert.notEqual(problemOf({ status, body: {} }).title, '', String(status));
  }
});

test('paths of the server lead to field and line', () => {
  assert.deepEqual(pathSegments('/container/portMappings(0)/hostPort'), ['container', 'portMappings', 0, 'hostPort']);
  assert.deepEqual(pathSegments('/'), []);
  assert.equal(fieldFor(['cpus']).name, 'cpus');
  assert.equal(fieldFor(['labels', 'owner']).name, 'labels');
  assert.equal(fieldFor(['constraints', 0]), undefined);
  assert.equal(fieldFor([]), undefined);
  const text = '{\n  "id": "/x",\n  "container": {\n    "portMappings": [\n      {"containerPort": 99999}\n    ]\n  }\n}';
  assert.equal(lineOf(text, pathSegments('/container/portMappings(0)/containerPort')), 5);
  assert.equal(lineOf(text, pathSegments('/container/docker/image')), 3, 'the nearest member that exists');
  assert.equal(lineOf(text, []), 1);
});

test('the form changes one member and leaves every other as it was', () => {
  const text = '{\n  "id": "/x",\n  "someday": {"unknown": [1, 2.50]},\n  "cpus": 1\n}';
  const edited = typed(text, 'cpus', '0.25');
  assert.equal(edited, text.replace('"cpus": 1', '"cpus": 0.25'));
});

test('emptying a field removes its member', () => {
  assert.deepEqual(JSON.parse(typed('{"id":"/x","cmd":"sleep 1"}', 'cmd', '')), { id: '/x' });
});

test('half a number changes nothing', () => {
  assert.equal(typed('{"cpus":1}', 'cpus', '0.x'), '{"cpus":1}');
});

test('an image makes the container, and pairs keep secrets', () => {
  assert.deepEqual(JSON.parse(typed('{"id":"/x"}', 'image', 'nginx')), { id: '/x', container: { type: 'DOCKER', docker: { image: 'nginx' } } });
  const secrets = '{"env":{"A":"1","S":{"secret":"s"}}}';
  assert.deepEqual(JSON.parse(typed(secrets, 'env', 'B=x=y')), { env: { S: { secret: 's' }, B: 'x=y' } });
  assert.equal(fieldValue(JSON.parse(secrets), field('env')), 'A=1');
});

test('a health check path is added once and then changed in place', () => {
  const added = typed('{"id":"/x"}', 'healthPath', '/h');
  assert.deepEqual(JSON.parse(added).healthChecks, [{ protocol: 'HTTP', path: '/h', portIndex: 0 }]);
  assert.equal(JSON.parse(typed(added, 'healthPath', '/health')).healthChecks[0].path, '/health');
});

test('malformed text is said with its line', () => {
  const { error } = readText('{\n  "id": "/x"\n  "cpus": 1\n}');
  assert.equal(error.line, 3);
  assert.match(error.message, /comma/);
  assert.equal(readText('[]').error.line, 1);
  assert.ok(readText('').error);
  assert.ok(readText('{} // no').error);
});

test('what only the server may say is not sent back', () => {
  assert.deepEqual(editable({ id: '/x', version: 'v', tasks: [], tasksRunning: 1, versionInfo: {}, someday: 1 }), { id: '/x', someday: 1 });
});
