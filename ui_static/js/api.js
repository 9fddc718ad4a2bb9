// Requests to the server. The only file that knows addresses.
import { toPath } from './model/ids.js';

const READ_TIMEOUT_MILLISECONDS = 30_000;
const WRITE_TIMEOUT_MILLISECONDS = 60_000;

export const EVENTS_URL = '/v2/events';

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.message ?? `status ${status}`);
    this.status = status;
    this.body = body;
  }
}

async function request(method, url, body) {
  const limit = method === 'GET' ? READ_TIMEOUT_MILLISECONDS : WRITE_TIMEOUT_MILLISECONDS;
  const options = {
    method, cache: 'no-store', headers: { Accept: 'application/json' },
    signal: AbortSignal.timeout(limit),
  };
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = typeof body === 'string' ? body : JSON.stringify(body);
  }
  let response;
  let text;
  try {
    response = await fetch(url, options);
    text = await response.text();
  } catch (cause) {
    throw new ApiError(0, { message: String(cause.message ?? cause), isWrite: method !== 'GET' });
  }
  const content = parsed(text);
  if (!response.ok) throw new ApiError(response.status, content ?? {});
  return content;
}

function parsed(text) {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const app = (id) => `/v2/apps/${toPath(id)}`;

function query(parameters) {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

const forced = (force) => ({ force: force ? 'true' : undefined });

// Reads. The list leaves tasks out: they are read for the one app that is looked at.
const LIST_EMBED = '?embed=apps.counts&embed=apps.deployments';
const APP_EMBED = '?embed=app.tasks&embed=app.counts&embed=app.deployments' +
  '&embed=app.readiness&embed=app.lastTaskFailure&embed=app.taskStats';

export const readApps = async () => (await request('GET', `/v2/apps${LIST_EMBED}`)).apps;
export const readApp = async (id) => (await request('GET', `${app(id)}${APP_EMBED}`)).app;
export const readDeployments = () => request('GET', '/v2/deployments');
export const readQueue = async () => (await request('GET', '/v2/queue')).queue;
export const readInfo = () => request('GET', '/v2/info');
export const readGroups = () => request('GET', '/v2/groups?embed=group.groups');
export const readVersions = async (id) => (await request('GET', `${app(id)}/versions`)).versions;
export const readVersion = (id, version) =>
  request('GET', `${app(id)}/versions/${encodeURIComponent(version)}`);

// What old servers do not have: undefined there.
async function optional(read) {
  try {
    return await read();
  } catch (error) {
    if (error.status === 404 || error.status === 405) return undefined;
    throw error;
  }
}

const HISTORY_LIMIT = 100;
export const readHistory = () =>
  optional(() => request('GET', `/v2/deployments/history?limit=${HISTORY_LIMIT}`));
export const readWhy = (id) => optional(() => request('GET', `${app(id)}/why`));
// What a change would do; nothing is changed.
export const planApp = (id, text) => optional(() => request('POST',
  `/v2/plan${query({ type: 'app', id: id || undefined, partialUpdate: 'false' })}`, text));
export const planScale = (id, instances) =>
  optional(() => request('POST', `/v2/plan${query({ type: 'app', id })}`, { instances }));
export const planDestroy = (id) =>
  optional(() => request('POST', `/v2/plan${query({ type: 'app', id, delete: 'true' })}`, {}));

// Writes.
export const createApp = (text, force) => request('POST', `/v2/apps${query(forced(force))}`, text);
export const replaceApp = (id, text, force) =>
  request('PUT', `${app(id)}${query({ partialUpdate: 'false', ...forced(force) })}`, text);
export const scaleApp = (id, instances, force) =>
  request('PUT', `${app(id)}${query(forced(force))}`, { instances });
export const restartApp = (id, force) => request('POST', `${app(id)}/restart${query(forced(force))}`);
// The server's default is to force here; the page asks first.
export const destroyApp = (id, force) =>
  request('DELETE', `${app(id)}${query({ force: force ? 'true' : 'false' })}`);
export const resetDelay = (id) => request('DELETE', `/v2/queue/${toPath(id)}/delay`);
export const killTask = (id, taskId, { scale, force }) =>
  request('DELETE', `${app(id)}/tasks/${encodeURIComponent(taskId)}` +
    query({ scale: scale ? 'true' : undefined, ...forced(force) }));
export const killTasks = (ids, { scale, force }) =>
  request('POST', `/v2/tasks/delete${query({ scale: scale ? 'true' : undefined, ...forced(force) })}`, { ids });
export const rollBackDeployment = (id) =>
  request('DELETE', `/v2/deployments/${encodeURIComponent(id)}`);
export const pauseDeployment = (id) =>
  request('POST', `/v2/deployments/${encodeURIComponent(id)}/pause`);
export const resumeDeployment = (id) =>
  request('POST', `/v2/deployments/${encodeURIComponent(id)}/resume`);
export const cancelDeployment = (id) =>
  request('DELETE', `/v2/deployments/${encodeURIComponent(id)}?force=true`);
