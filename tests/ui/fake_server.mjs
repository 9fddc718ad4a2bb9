// Serves ui_static under /ui/ and a FakeMarathon under /v2.
//   node tests/ui/fake_server.mjs [--port 8080] [--apps 10000]
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakeMarathon, Refused } from './fake_marathon.mjs';

const FOLDER = path.dirname(fileURLToPath(import.meta.url));
const PAGE = path.resolve(FOLDER, '../../ui_static');
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
};
const HEARTBEAT_MILLISECONDS = 10_000;
const BODY_MAX = 4 * 1024 * 1024;

// Resolves to {url, marathon, requests, dropStreams(), setDown(isDown), close()}.
export async function startFakeServer({ port = 0, ...options } = {}) {
  const marathon = new FakeMarathon(options);
  const state = { marathon, requests: [], streams: new Set(), isDown: false, bytes: 0 };
  const server = createServer((request, response) => {
    serve(state, request, response).catch((error) => fail(response, error));
  });
  await new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    marathon,
    requests: state.requests,
    transferred: () => state.bytes,
    dropStreams: () => { for (const stream of state.streams) stream.destroy(); },
    setDown: (isDown) => { state.isDown = isDown; },
    close: () => {
      marathon.close();
      server.closeAllConnections();
      return new Promise((resolve) => { server.close(resolve); });
    },
  };
}

async function serve(state, request, response) {
  const url = new URL(request.url, 'http://localhost');
  state.requests.push(`${request.method} ${request.url}`);
  if (state.isDown) {
    response.destroy();
    return;
  }
  if (url.pathname.startsWith('/ui')) await servePage(state, url, response);
  else if (url.pathname === '/v2/events') serveEvents(state, request, response);
  else await serveApi(state, url, request, response);
}

async function servePage(state, url, response) {
  const name = url.pathname.replace(/^\/ui\/?/, '') || 'index.html';
  const file = path.join(PAGE, name);
  if (!file.startsWith(PAGE)) throw new Refused(404, { message: 'no such file' });
  const bytes = await readFile(file).catch(() => { throw new Refused(404, { message: `no file ${name}` }); });
  state.bytes += bytes.length;
  response.writeHead(200, {
    'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream', 'Cache-Control': 'no-cache',
    'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
  });
  response.end(bytes);
}

function serveEvents(state, request, response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream;charset=utf-8', Connection: 'close' });
  const listener = (event) => {
    response.write(`event: ${event.eventType}\r\ndata: ${JSON.stringify(event)}\r\n\r\n`);
  };
  state.marathon.listeners.add(listener);
  state.streams.add(response);
  const heartbeat = setInterval(() => response.write('\r\n'), HEARTBEAT_MILLISECONDS);
  listener({ remoteAddress: request.socket.remoteAddress, eventType: 'event_stream_attached', timestamp: new Date().toISOString() });
  response.on('close', () => {
    clearInterval(heartbeat);
    state.marathon.listeners.delete(listener);
    state.streams.delete(response);
  });
}

async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_MAX) throw new Refused(413, { message: 'body too large' });
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw new Refused(400, { message: 'Invalid JSON', details: error.message });
  }
}

async function serveApi({ marathon }, url, request, response) {
  const body = await readBody(request);
  const force = url.searchParams.get('force') === 'true';
  const result = route(marathon, { method: request.method, path: decodeURIComponent(url.pathname), query: url.searchParams, body, force });
  const headers = { 'Content-Type': 'application/json' };
  if (result.plan) headers['Marathon-Deployment-Id'] = result.plan.id;
  response.writeHead(result.status ?? 200, headers);
  response.end(result.body === undefined ? '' : JSON.stringify(result.body));
}

const withoutOld = ({ old, before, ...deployment }) => deployment;

function route(marathon, call) {
  const { method, path: at, body, force } = call;
  const key = `${method} ${at}`;
  switch (key) {
    case 'GET /v2/apps': return { body: { apps: [...marathon.apps.values()].map((app) => marathon.appInfo(app)) } };
    case 'POST /v2/apps': return marathon.create(body, force);
    case 'GET /v2/deployments': return { body: [...marathon.deployments.values()].map(withoutOld) };
    case 'GET /v2/deployments/history': return { body: marathon.finished };
    case 'POST /v2/plan': return { body: marathon.plan(call.query, body) };
    case 'GET /v2/queue': return { body: { queue: marathon.queue() } };
    case 'GET /v2/groups': return { body: marathon.groups() };
    case 'GET /v2/info': return { body: { name: 'marathon', version: '1.11.0', buildref: 'fake', elected: true, leader: '127.0.0.1:8080', frameworkId: 'fake-0000', marathon_config: { hostname: 'localhost', features: [] } } };
    case 'POST /v2/tasks/delete': return marathon.kill(body.ids, { scale: call.query.get('scale') === 'true', force });
    default:
  }
  const steer = /^\/v2\/deployments\/([^/]+)\/(pause|resume)$/.exec(at);
  if (steer !== null) return marathon.steer(steer[1], steer[2] === 'pause');
  if (at.startsWith('/v2/deployments/')) return marathon.cancel(at.slice('/v2/deployments/'.length), force);
  if (at.startsWith('/v2/queue/')) return { status: 204 };
  if (at.startsWith('/v2/apps/')) return routeApp(marathon, call);
  throw new Refused(404, { message: 'URI not found' });
}

function routeApp(marathon, { method, path: at, body, force, query }) {
  const rest = at.slice('/v2/apps'.length);
  const task = /^(.*)\/tasks\/([^/]+)$/.exec(rest);
  if (task !== null) return marathon.kill([task[2]], { scale: query.get('scale') === 'true', force });
  const version = /^(.*)\/versions(?:\/([^/]+))?$/.exec(rest);
  if (version !== null) {
    const versions = marathon.versions.get(marathon.app(version[1]).id);
    return { body: version[2] ? versions.get(version[2]) : { versions: [...versions.keys()].reverse() } };
  }
  if (rest.endsWith('/why')) return { body: marathon.why(rest.slice(0, -'/why'.length)) };
  if (method === 'POST' && rest.endsWith('/restart')) return marathon.restart(rest.slice(0, -'/restart'.length), force);
  if (method === 'PUT') return marathon.update(rest, body, { partial: query.get('partialUpdate') !== 'false', force });
  if (method === 'DELETE') return marathon.destroy(rest, force);
  return { body: { app: marathon.appInfo(marathon.app(rest), { withTasks: true }) } };
}

function fail(response, error) {
  const status = error instanceof Refused ? error.status : 500;
  const body = error instanceof Refused ? error.body : { message: String(error.stack) };
  if (!response.headersSent) response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

// A small cluster in which every status occurs.
export function seedExample(marathon) {
  const check = [{ protocol: 'HTTP', path: '/health', portIndex: 0, gracePeriodSeconds: 30, intervalSeconds: 5 }];
  const cmd = 'python3 -m http.server $PORT0';
  marathon.seed({ id: '/shop/web', cmd, cpus: 0.5, mem: 256, instances: 8, healthChecks: check, labels: { tier: 'front', HAPROXY_0_VHOST: 'shop.example', owner: 'ana' }, env: { MODE: 'live' } });
  marathon.seed({ id: '/shop/cart', cmd, cpus: 0.25, mem: 512, instances: 4, healthChecks: check, labels: { tier: 'back' } }, { failing: 1 });
  marathon.seed({ id: '/shop/db/main', cmd, cpus: 2, mem: 4096, instances: 1, labels: { tier: 'data' } });
  marathon.seed({ id: '/batch/report', cmd, cpus: 1, mem: 1024, instances: 0, labels: { tier: 'batch' } });
  marathon.seed({ id: '/hello', cmd, cpus: 0.1, mem: 64, instances: 1, healthChecks: check });
  marathon.seed({ id: '/plain', cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 3 });
  marathon.seed({ id: '/evil', cmd: 'sleep 1', cpus: 0.1, mem: 32, instances: 1, labels: { html: '<img src=x onerror=alert(1)>', script: '</script><script>window.hacked=1</script>' } });
  const capacity = marathon.capacity;
  marathon.capacity = marathon.totalTasks() + 1;
  marathon.seed({ id: '/ml/train', cmd, cpus: 8, mem: 32768, instances: 3, labels: { tier: 'batch' } });
  marathon.capacity = capacity;
  marathon.failures.set('/shop/cart', {
    appId: '/shop/cart', host: '127.0.0.2', message: 'Container exited with status 137: memory limit of 512 MiB exceeded', state: 'TASK_FAILED',
    taskId: 'shop_cart.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01._app.1', timestamp: new Date(Date.now() - 540_000).toISOString(), version: new Date().toISOString(),
  });
}

export function seedMany(marathon, count) {
  marathon.capacity = Infinity;
  for (let index = 0; index < count; index += 1) {
    marathon.seed({ id: `/group-${index % 40}/app-${index}`, cmd: 'sleep 100', cpus: 0.1, mem: 32, instances: 1 + (index % 3), labels: { n: String(index % 10) } });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, fallback) => {
    const index = process.argv.indexOf(`--${name}`);
    return index < 0 ? fallback : Number(process.argv[index + 1]);
  };
  const server = await startFakeServer({ port: option('port', 8080) });
  seedExample(server.marathon);
  const many = option('apps', 0);
  if (many > 0) seedMany(server.marathon, many);
  console.log(`page at ${server.url}/ui/`);
}
