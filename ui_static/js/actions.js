// What a person can do, as functions for buttons and keys: request, result as toast, conflict as a
// question whether to force.
import * as api from './api.js';
import { mark } from './live.js';
import { appKey } from './model/refresh.js';
import { problemOf } from './model/problems.js';
import { plural } from './format.js';
import { openDialog, toast } from './store.js';

// `call(force)` does the request. Resolves to true when the server accepted it.
async function attempt({ call, done, stale, force = false }) {
  try {
    const result = await call(force);
    toast('good', done, result?.deploymentId
      ? { link: { href: '#/deployments', text: 'Show deployment' } } : {});
    mark([...stale, 'deployments', 'queue']);
    return true;
  } catch (error) {
    const problem = problemOf(error);
    if (problem.kind === 'conflict') {
      openDialog('conflict', { problem, retry: () => attempt({ call, done, stale, force: true }) });
    } else {
      toast('bad', problem.title, { detail: detailOf(problem) });
    }
    return false;
  }
}

function detailOf(problem) {
  const fields = problem.fields.map((field) => `${field.path}: ${field.messages.join(', ')}`);
  return [...fields, problem.next].filter((text) => text !== '').join('. ');
}

export const scale = (id, instances) => attempt({
  call: (force) => api.scaleApp(id, instances, force),
  done: instances === 0 ? `Suspending ${id}` : `Scaling ${id} to ${plural(instances, 'instance')}`,
  stale: [appKey(id)],
});

export const restart = (id) => attempt({
  call: (force) => api.restartApp(id, force),
  done: `Restarting ${id}`,
  stale: [appKey(id)],
});

export const destroy = (id) => attempt({
  call: (force) => api.destroyApp(id, force),
  done: `Destroying ${id}`,
  stale: [appKey(id)],
});

export const resetDelay = (id) => attempt({
  call: () => api.resetDelay(id),
  done: `Trying ${id} again at once`,
  stale: [appKey(id)],
});

// scaling: 'replace' lets new instances take their place, 'scale' lowers the wanted count.
export const kill = (id, taskIds, scaling) => attempt({
  call: (force) => {
    const options = { scale: scaling === 'scale', force };
    return taskIds.length === 1
      ? api.killTask(id, taskIds[0], options) : api.killTasks(taskIds, options);
  },
  done: `Stopping ${plural(taskIds.length, 'instance')} of ${id}`,
  stale: [appKey(id)],
});

export const rollBack = (deployment) => attempt({
  call: () => api.rollBackDeployment(deployment.id),
  done: `Rolling back ${deployment.shortId}`,
  stale: deployment.services.map(appKey),
});

export const pause = (deployment) => attempt({
  call: () => api.pauseDeployment(deployment.id),
  done: `Paused ${deployment.shortId}: nothing more is started or stopped for it`,
  stale: deployment.services.map(appKey),
});

export const resume = (deployment) => attempt({
  call: () => api.resumeDeployment(deployment.id),
  done: `Resumed ${deployment.shortId}`,
  stale: deployment.services.map(appKey),
});

export const cancel = (deployment) => attempt({
  call: () => api.cancelDeployment(deployment.id),
  done: `Cancelled ${deployment.shortId} where it was`,
  stale: deployment.services.map(appKey),
});

// The last wanted count above zero, from the kept versions; 1 when none is known.
const VERSIONS_LOOKED_AT_MAX = 5;

export async function countBeforeSuspend(id) {
  try {
    const versions = (await api.readVersions(id)).sort().reverse().slice(0, VERSIONS_LOOKED_AT_MAX);
    for (const version of versions) {
      const app = await api.readVersion(id, version);
      if (app.instances > 0) return app.instances;
    }
  } catch {
    // Without the history the person still chooses the count in the dialog.
  }
  return 1;
}

// Saves the text of the editor. Resolves to {ok} or {problem}; the editor shows the problem itself.
export async function save({ mode, id, text, force }) {
  try {
    const result = mode === 'create'
      ? await api.createApp(text, force) : await api.replaceApp(id, text, force);
    const saved = mode === 'create' ? result?.id ?? id : id;
    toast('good', mode === 'create' ? `Created ${saved}` : `Changed ${saved}`,
      { link: { href: '#/deployments', text: 'Show deployment' } });
    mark([appKey(saved), 'deployments', 'queue', 'groups']);
    return { ok: true, id: saved };
  } catch (error) {
    return { ok: false, problem: problemOf(error) };
  }
}
