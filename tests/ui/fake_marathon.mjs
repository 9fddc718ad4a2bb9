// Imitates the behaviour of /v2 that the page depends on: apps, deployments that take time, health,
// conflicts, events. For development and browser tests of the page only.
import { randomUUID } from 'node:crypto';
import { diff } from '../../ui_static/js/model/diff.js';

const DEFAULTS = {
  cpus: 1, mem: 128, disk: 0, gpus: 0, instances: 1, executor: '', labels: {}, role: '*',
  networks: [{ mode: 'host' }], requirePorts: false, backoffSeconds: 1, backoffFactor: 1.15,
  maxLaunchDelaySeconds: 300, killSelection: 'YOUNGEST_FIRST',
  upgradeStrategy: { maximumOverCapacity: 1, minimumHealthCapacity: 1 },
};

export class Refused extends Error {
  constructor(status, body) {
    super(body.message);
    this.status = status;
    this.body = body;
  }
}

const missing = (what) => new Refused(404, { message: `${what} does not exist` });

function invalid(path, ...errors) {
  return { path, errors };
}

function problemsOf(app) {
  const problems = [];
  if (!/^\/?([a-z0-9]([a-z0-9-]*[a-z0-9])?\/?)+$/.test(app.id ?? '')) {
    problems.push(invalid('/id', "must fully match regular expression '^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\\.)*...'"));
  }
  if (!app.cmd && !app.args && !app.container) {
    problems.push(invalid('/', 'AppDefinition must either contain one of \'cmd\' or \'args\', and/or a \'container\'.'));
  }
  (app.constraints ?? []).forEach((one, index) => {
    if (one[1] === 'UNIQUE' && one.length > 2) {
      problems.push(invalid(`/constraints(${index})`, 'UNIQUE does not accept a value'));
    }
  });
  (app.container?.portMappings ?? []).forEach((one, index) => {
    if (!(one.containerPort >= 0 && one.containerPort <= 65535)) {
      problems.push(invalid(`/container/portMappings(${index})/containerPort`, `got ${one.containerPort}, expected between 0 and 65535`));
    }
  });
  if (!(app.cpus >= 0.001)) problems.push(invalid('/cpus', `got ${app.cpus}, expected 0.001 or more`));
  return problems;
}

// Versions are timestamps and never repeat.
let lastVersion = 0;

function nextVersion() {
  lastVersion = Math.max(lastVersion + 1, Date.now());
  return new Date(lastVersion).toISOString();
}

export class FakeMarathon {
  // stepMilliseconds: how long a task takes from one state to the next.
  constructor({ stepMilliseconds = 250, capacity = 64 } = {}) {
    this.step = stepMilliseconds;
    this.capacity = capacity;
    this.apps = new Map();
    this.tasks = new Map();
    this.versions = new Map();
    this.deployments = new Map();
    this.failures = new Map();
    this.waitingSince = new Map();
    this.finished = [];
    this.listeners = new Set();
    this.timers = new Set();
    this.nextPort = 31000;
    this.log = [];
  }

  close() {
    for (const timer of this.timers) clearTimeout(timer);
  }

  after(milliseconds, run) {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, milliseconds);
    this.timers.add(timer);
  }

  emit(eventType, fields) {
    const event = { ...fields, eventType, timestamp: new Date().toISOString() };
    for (const listener of this.listeners) listener(event);
  }

  appInfo(app, { withTasks = false } = {}) {
    const tasks = [...(this.tasks.get(app.id)?.values() ?? [])];
    const results = (task) => task.healthCheckResults;
    const info = {
      ...app,
      tasksStaged: tasks.filter((task) => task.state === 'TASK_STAGING').length,
      tasksRunning: tasks.filter((task) => task.state === 'TASK_RUNNING').length,
      tasksHealthy: tasks.filter((task) => results(task).length > 0 && results(task).every((one) => one.alive)).length,
      tasksUnhealthy: tasks.filter((task) => results(task).some((one) => !one.alive)).length,
      deployments: [...this.deployments.values()].filter((one) => one.affectedApps.includes(app.id)).map(({ id }) => ({ id })),
    };
    if (!withTasks) return info;
    const counts = { staged: info.tasksStaged, running: info.tasksRunning, healthy: info.tasksHealthy, unhealthy: info.tasksUnhealthy };
    const stats = { stats: { counts, lifeTime: { averageSeconds: 20.5, medianSeconds: 21 } } };
    return {
      ...info, tasks, readinessCheckResults: [], taskStats: { totalSummary: stats, withLatestConfig: stats },
      ...(this.failures.has(app.id) ? { lastTaskFailure: this.failures.get(app.id) } : {}),
    };
  }

  app(id) {
    const app = this.apps.get(id);
    if (app === undefined) throw missing(`App '${id}'`);
    return app;
  }

  create(body, force) {
    const id = body.id?.startsWith('/') ? body.id : `/${body.id}`;
    if (this.apps.has(id)) throw new Refused(409, { message: `An app with id [${id}] already exists.` });
    const app = this.accept({ ...body, id });
    const plan = this.deploy(app.id, ['StartApplication', 'ScaleApplication'], force);
    this.emit('api_post_event', { clientIp: '127.0.0.1', uri: '/v2/apps', appDefinition: app });
    return { body: { ...app, deployments: [{ id: plan.id }] }, status: 201, plan };
  }

  accept(body) {
    const { version, ...wanted } = body;
    const app = { ...DEFAULTS, ...wanted };
    const details = problemsOf(app);
    if (details.length > 0) throw new Refused(422, { message: 'Object is not valid', details });
    app.version = nextVersion();
    app.versionInfo = { lastScalingAt: app.version, lastConfigChangeAt: app.version };
    this.keep(app);
    return app;
  }

  keep(app) {
    this.apps.set(app.id, app);
    const versions = this.versions.get(app.id) ?? new Map();
    versions.set(app.version, app);
    this.versions.set(app.id, versions);
    if (!this.tasks.has(app.id)) this.tasks.set(app.id, new Map());
  }

  update(id, body, { partial, force }) {
    const old = this.apps.get(id);
    if (old === undefined) return this.create({ ...body, id }, force);
    this.checkLock(id, force);
    const base = partial ? old : {};
    const isScale = partial && Object.keys(body).join() === 'instances';
    const app = this.accept({ ...base, ...body, id });
    if (isScale) app.versionInfo = { lastScalingAt: app.version, lastConfigChangeAt: old.versionInfo.lastConfigChangeAt };
    const plan = this.deploy(id, [isScale ? 'ScaleApplication' : 'RestartApplication'], force);
    if (!isScale) this.replaceTasks(id);
    this.emit('api_post_event', { clientIp: '127.0.0.1', uri: `/v2/apps${id}`, appDefinition: app });
    return this.result(plan);
  }

  result(plan) {
    return { status: 200, body: { version: plan.version, deploymentId: plan.id }, plan };
  }

  checkLock(id, force) {
    const holders = [...this.deployments.values()].filter((one) => one.affectedApps.includes(id));
    if (holders.length === 0) return;
    if (!force) {
      throw new Refused(409, {
        message: "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.",
        deployments: holders.map((one) => ({ id: one.id })),
      });
    }
    for (const one of holders) this.endDeployment(one, 'deployment_failed');
  }

  restart(id, force) {
    const app = this.app(id);
    this.checkLock(id, force);
    const version = nextVersion();
    this.keep({ ...app, version, versionInfo: { ...app.versionInfo, lastConfigChangeAt: version } });
    const plan = this.deploy(id, ['RestartApplication'], force);
    this.replaceTasks(id);
    return this.result(plan);
  }

  destroy(id, force) {
    this.app(id);
    this.checkLock(id, force);
    this.apps.delete(id);
    this.versions.delete(id);
    const plan = this.deploy(id, ['StopApplication'], force);
    for (const task of this.tasks.get(id).values()) this.endTask(id, task.id, 'TASK_KILLED');
    return this.result(plan);
  }

  deploy(id, actions) {
    const steps = actions.map((action) => ({ actions: [{ action, app: id }] }));
    const deployment = {
      id: randomUUID(), version: new Date().toISOString(), affectedApps: [id], affectedPods: [],
      steps, currentActions: [], currentStep: 0, totalSteps: steps.length, old: this.apps.get(id), before: this.before(id),
    };
    this.deployments.set(deployment.id, deployment);
    this.emit('group_change_success', { groupId: '/', version: deployment.version });
    this.enterStep(deployment, 1);
    return deployment;
  }

  // The definition before the newest one.
  before(id) {
    return [...this.versions.get(id)?.values() ?? []].at(-2);
  }

  planOf({ id, steps, version }) {
    return { id, steps, version };
  }

  enterStep(deployment, number) {
    if (!this.deployments.has(deployment.id)) return;
    deployment.currentStep = number;
    const step = deployment.steps[number - 1];
    deployment.currentActions = step.actions.map((action) => ({ ...action, readinessCheckResults: [] }));
    this.emit('deployment_info', { plan: this.planOf(deployment), currentStep: step });
    this.work(deployment, number);
  }

  // One small turn of the deployment; repeats until its step is done.
  work(deployment, number) {
    this.after(this.step, () => {
      if (!this.deployments.has(deployment.id)) return;
      if (deployment.paused) {
        this.work(deployment, number);
        return;
      }
      const action = deployment.steps[number - 1].actions[0];
      if (action.action !== 'StartApplication' && !this.converge(action.app)) {
        this.work(deployment, number);
        return;
      }
      this.emit('deployment_step_success', { plan: this.planOf(deployment), currentStep: deployment.steps[number - 1] });
      if (number < deployment.steps.length) this.enterStep(deployment, number + 1);
      else this.endDeployment(deployment, 'deployment_success');
    });
  }

  endDeployment(deployment, eventType) {
    this.deployments.delete(deployment.id);
    this.remember(deployment, eventType);
    this.emit(eventType, { id: deployment.id, plan: this.planOf(deployment) });
  }

  remember(deployment, eventType) {
    const now = this.apps.get(deployment.affectedApps[0]);
    const kinds = { StartApplication: 'created', StopApplication: 'removed', ScaleApplication: 'scaled' };
    const kind = kinds[deployment.steps[0].actions[0].action] ?? 'updated';
    this.finished.unshift({
      id: deployment.id, version: deployment.version, startedAt: deployment.version, actor: '127.0.0.1',
      endedAt: new Date().toISOString(), outcome: eventType === 'deployment_success' ? 'succeeded' : 'cancelled',
      reason: eventType === 'deployment_success' ? '' : 'stopped by 127.0.0.1', failures: 0,
      changes: [{ app: deployment.affectedApps[0], change: kind, diff: diff(deployment.before, now) }],
    });
  }

  steer(id, isPaused) {
    const deployment = this.deployments.get(id);
    if (deployment === undefined) throw missing(`DeploymentPlan ${id}`);
    if (isPaused) deployment.paused = { reason: 'paused by 127.0.0.1', since: new Date().toISOString(), failures: 0 };
    else delete deployment.paused;
    this.emit(isPaused ? 'deployment_paused' : 'deployment_resumed', { id });
    return { status: 204 };
  }

  why(id) {
    const app = this.app(id);
    const isWaiting = this.waitingSince.has(id);
    return {
      id, type: 'app', status: isWaiting ? 'waiting' : 'running', text: isWaiting ? 'Waiting for a node' : 'As wanted',
      reasons: isWaiting ? [{
        code: 'insufficientResources', since: this.waitingSince.get(id),
        text: `no node has ${app.mem} MB of memory free`, fix: 'lower mem or add a node',
      }] : [],
      nodes: isWaiting ? [{ stage: 'all', in: 3, removed: 0 }, { stage: 'cpus', in: 3, removed: 1 }, { stage: 'mem', in: 2, removed: 2 }] : [],
      nearest: isWaiting ? [{ host: '127.0.0.1', agentId: 'fake-S1', lacks: [{ what: 'mem', text: '28 MB of memory' }] }] : [],
    };
  }

  plan(query, body) {
    const old = this.apps.get(query.get('id') ?? body?.id);
    if (query.get('delete')) {
      return { changes: true, fits: true, text: `stops ${old.instances} instances of ${old.id}`, services: [], conflicts: [] };
    }
    const wanted = { ...DEFAULTS, ...(Object.keys(body).join() === 'instances' ? old : {}), ...body };
    const details = problemsOf({ id: query.get('id'), ...wanted });
    if (details.length > 0) throw new Refused(422, { message: 'Object is not valid', details });
    const fields = diff(old, wanted).filter((one) => !/^\/version/.test(one.path) && one.after !== undefined);
    const text = old === undefined ? `creates ${wanted.id}, starts ${wanted.instances} instances`
      : `replaces ${old.instances} instances, ${old.instances} serve meanwhile`;
    return {
      changes: fields.length > 0, fits: wanted.cpus < 100, text: fields.length > 0 ? text : 'changes nothing',
      services: [{ id: wanted.id, change: old ? 'updated' : 'created', fields: old ? fields : [], room: { fits: wanted.cpus < 100, text: `no room: ${wanted.cpus} CPU are nowhere free` } }],
      conflicts: [...this.deployments.values()].filter((one) => one.affectedApps.includes(wanted.id)).map((one) => one.id),
    };
  }

  // Starts or stops what is missing; true when the app is as wanted and healthy.
  converge(id) {
    const app = this.apps.get(id);
    const tasks = [...(this.tasks.get(id)?.values() ?? [])];
    if (app === undefined) return tasks.length === 0;
    const live = tasks.filter((task) => task.state !== 'TASK_KILLING');
    const room = this.capacity - [...this.tasks.values()].reduce((sum, map) => sum + map.size, 0);
    const lacking = app.instances - live.length;
    for (let started = 0; started < Math.min(lacking, room); started += 1) this.startTask(app);
    this.noteWaiting(id, lacking > room);
    for (const task of live.slice(app.instances)) this.endTask(id, task.id, 'TASK_KILLED');
    return tasks.length === app.instances && tasks.every((task) => task.state === 'TASK_RUNNING' &&
      (!app.healthChecks || task.healthCheckResults.some((one) => one.alive)));
  }

  noteWaiting(id, isWaiting) {
    if (!isWaiting) this.waitingSince.delete(id);
    else if (!this.waitingSince.has(id)) this.waitingSince.set(id, new Date().toISOString());
  }

  startTask(app) {
    const instanceId = `${app.id.slice(1).replaceAll('/', '_')}.instance-${randomUUID()}`;
    this.nextPort += 1;
    const task = {
      id: `${instanceId}._app.1`, appId: app.id, host: `127.0.0.${1 + (this.nextPort % 3)}`, slaveId: 'fake-S1', role: '*',
      state: 'TASK_STAGING', ports: [this.nextPort], servicePorts: [], ipAddresses: [{ ipAddress: '127.0.0.1', protocol: 'IPv4' }],
      healthCheckResults: [], localVolumes: [], stagedAt: new Date().toISOString(), version: app.version,
    };
    this.tasks.get(app.id).set(task.id, task);
    this.tellInstance(task, 'Staging');
    this.after(this.step * (1 + Math.random()), () => this.runTask(app, task, instanceId));
  }

  runTask(app, task, instanceId) {
    if (!this.tasks.get(app.id)?.has(task.id) || task.state !== 'TASK_STAGING') return;
    task.state = 'TASK_RUNNING';
    task.startedAt = new Date().toISOString();
    this.tellTask(task);
    this.tellInstance(task, 'Running');
    if (app.healthChecks) this.after(this.step, () => this.setHealth(task, true, instanceId));
  }

  setHealth(task, alive, instanceId = task.id.replace(/\._app\.\d+$/, '')) {
    const cause = alive ? {} : { lastFailureCause: 'HTTP status 503 from /health', lastFailure: new Date().toISOString() };
    task.healthCheckResults = [{ alive, consecutiveFailures: alive ? 0 : 3, instanceId: `instance [${instanceId}]`, ...cause }];
    this.emit('instance_health_changed_event', { instanceId, runSpecId: task.appId, runSpecVersion: task.version, healthy: alive });
    this.emit('health_status_changed_event', { appId: task.appId, instanceId, version: task.version, alive });
  }

  tellTask(task, message = '') {
    this.emit('status_update_event', {
      slaveId: task.slaveId, taskId: task.id, taskStatus: task.state, message, appId: task.appId,
      host: task.host, ipAddresses: task.ipAddresses, ports: task.ports, version: task.version,
    });
  }

  tellInstance(task, condition) {
    this.emit('instance_changed_event', {
      instanceId: task.id.replace(/\._app\.\d+$/, ''), condition, runSpecId: task.appId, agentId: 'fake-S1',
      host: task.host, runSpecVersion: task.version,
    });
  }

  endTask(id, taskId, state) {
    const task = this.tasks.get(id)?.get(taskId);
    if (task === undefined || task.state === 'TASK_KILLING') return;
    task.state = 'TASK_KILLING';
    this.tellInstance(task, 'Killing');
    this.after(this.step / 2, () => {
      this.tasks.get(id)?.delete(taskId);
      this.tellTask({ ...task, state });
      this.tellInstance(task, 'Killed');
      if (this.apps.has(id)) this.converge(id);
      else if (this.tasks.get(id)?.size === 0) this.emit('app_terminated_event', { appId: id });
    });
  }

  replaceTasks(id) {
    for (const task of this.tasks.get(id).values()) this.endTask(id, task.id, 'TASK_KILLED');
  }

  kill(taskIds, { scale, force }) {
    const tasks = [...this.tasks.values()].flatMap((map) => [...map.values()]).filter((task) => taskIds.includes(task.id));
    if (scale && tasks.length > 0) {
      const app = this.app(tasks[0].appId);
      this.checkLock(app.id, force);
      this.keep({ ...app, instances: Math.max(0, app.instances - tasks.length), version: nextVersion() });
      for (const task of tasks) this.endTask(app.id, task.id, 'TASK_KILLED');
      return this.result(this.deploy(app.id, ['ScaleApplication']));
    }
    for (const task of tasks) this.endTask(task.appId, task.id, 'TASK_KILLED');
    return { status: 200, body: { tasks } };
  }

  cancel(id, force) {
    const deployment = this.deployments.get(id);
    if (deployment === undefined) throw missing(`DeploymentPlan ${id}`);
    this.endDeployment(deployment, 'deployment_failed');
    if (force) return { status: 202 };
    const app = this.app(deployment.affectedApps[0]);
    const older = [...this.versions.get(app.id).values()].filter((one) => one.version < app.version).at(-1);
    if (older === undefined) return this.destroy(app.id, true);
    this.keep({ ...older, version: nextVersion() });
    return this.result(this.deploy(app.id, ['ScaleApplication']));
  }

  queue() {
    return [...this.waitingSince].filter(([id]) => this.apps.has(id)).map(([id, since]) => {
      const app = this.apps.get(id);
      const count = app.instances - (this.tasks.get(id)?.size ?? 0);
      const entry = (reason, declined) => ({ reason, declined, processed: 3 });
      return {
        count, role: '*', delay: { timeLeftSeconds: 0, overdue: true }, since, app,
        processedOffersSummary: {
          processedOffersCount: 3, unusedOffersCount: 3, rejectSummaryLaunchAttempt: [],
          rejectSummaryLastOffers: [entry('UnfulfilledRole', 0), entry('InsufficientCpus', 1), { reason: 'InsufficientMemory', declined: 2, processed: 2 }],
        },
      };
    });
  }

  groups() {
    const root = { id: '/', apps: [], groups: [], pods: [] };
    for (const id of this.apps.keys()) {
      let at = root;
      const parts = id.slice(1).split('/').slice(0, -1);
      for (const [index, part] of parts.entries()) {
        const groupId = `/${parts.slice(0, index + 1).join('/')}`;
        let next = at.groups.find((group) => group.id === groupId);
        if (next === undefined) at.groups.push(next = { id: groupId, apps: [], groups: [], pods: [] });
        at = next;
        void part;
      }
    }
    return root;
  }

  // Puts an app with running tasks in place at once, for a start with something to see.
  seed(definition, { failing = 0 } = {}) {
    const app = this.accept(definition);
    for (let count = 0; count < app.instances && this.totalTasks() < this.capacity; count += 1) {
      this.startTask(app);
    }
    let index = 0;
    for (const task of this.tasks.get(app.id).values()) {
      task.state = 'TASK_RUNNING';
      task.startedAt = new Date(Date.now() - 3_600_000).toISOString();
      if (app.healthChecks) this.setHealth(task, index >= failing);
      index += 1;
    }
    if (this.tasks.get(app.id).size < app.instances) this.waitingSince.set(app.id, new Date(Date.now() - 180_000).toISOString());
    return app;
  }

  totalTasks() {
    return [...this.tasks.values()].reduce((sum, map) => sum + map.size, 0);
  }
}
