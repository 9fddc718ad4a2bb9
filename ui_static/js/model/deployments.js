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
    halt: haltOf(deployment),
    sentence: sentence(deployment),
  };
}

// {isPaused, reason, since} of one that does not go on by itself.
function haltOf(deployment) {
  const { paused, stalled } = deployment;
  const halt = paused ?? stalled;
  return halt && { isPaused: paused !== undefined, reason: halt.reason, since: halt.since };
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
