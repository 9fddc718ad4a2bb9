// Deployments as a time line of steps.
import { lastName } from './ids.js';

const ACTION_WORDS = {
  StartApplication: 'Start',
  StopApplication: 'Stop',
  ScaleApplication: 'Scale',
  RestartApplication: 'Replace instances of',
  StartPod: 'Start',
  StopPod: 'Stop',
  ScalePod: 'Scale',
  RestartPod: 'Replace instances of',
};

const RUNNING_WORDS = {
  Start: 'Starting',
  Stop: 'Stopping',
  Scale: 'Scaling',
  'Replace instances of': 'Replacing instances of',
};

export function actionView(action) {
  const target = action.app ?? action.pod ?? '';
  const verb = ACTION_WORDS[action.action] ?? action.action;
  return { verb, running: RUNNING_WORDS[verb] ?? verb, target, name: lastName(target) };
}

export function deploymentView(deployment) {
  const steps = (deployment.steps ?? []).map((step, index) => ({
    number: index + 1,
    state: stepState(index + 1, deployment.currentStep ?? 0),
    actions: (step.actions ?? []).map(actionView),
  }));
  const total = deployment.totalSteps ?? steps.length;
  const done = Math.max(0, (deployment.currentStep ?? 0) - 1);
  const services = [...(deployment.affectedApps ?? []), ...(deployment.affectedPods ?? [])];
  return {
    id: deployment.id,
    shortId: deployment.id.slice(0, 8),
    startedAt: deployment.version,
    services,
    steps,
    total,
    current: deployment.currentStep ?? 0,
    percent: total === 0 ? 0 : Math.round((done / total) * 100),
    waitingChecks: waitingChecks(deployment),
    sentence: sentence(deployment),
  };
}

function stepState(number, current) {
  if (number < current) return 'done';
  return number === current ? 'current' : 'todo';
}

function waitingChecks(deployment) {
  return (deployment.currentActions ?? [])
    .flatMap((action) => action.readinessCheckResults ?? [])
    .filter((check) => !check.ready);
}

function sentence(deployment) {
  const actions = (deployment.currentActions ?? []).map(actionView);
  if (actions.length === 0) return 'Preparing the first step';
  const first = actions[0];
  const rest = actions.length > 1 ? ` and ${actions.length - 1} more` : '';
  return `${first.running} ${first.target}${rest}`;
}

export function concerning(deployments, appId) {
  return deployments.filter((deployment) => (deployment.affectedApps ?? []).includes(appId));
}

const HISTORY_MAX = 50;

// Deployments whose end this page saw, newest first. A list of its own: the server forgets them.
export function withOutcome(history, event) {
  const outcome = { deployment_success: 'done', deployment_failed: 'failed' }[event.eventType];
  const id = event.id ?? event.plan?.id;
  if (outcome === undefined || id === undefined) return history;
  const services = new Set((event.plan?.steps ?? [])
    .flatMap((step) => step.actions ?? []).map((action) => action.app ?? action.pod));
  const entry = {
    id, outcome, services: [...services], reason: event.reason ?? '',
    startedAt: event.plan?.version ?? '', endedAt: event.timestamp ?? '',
  };
  return [entry, ...history.filter((known) => known.id !== id)].slice(0, HISTORY_MAX);
}
