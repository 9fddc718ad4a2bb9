// Deployments that ended, newest first: {id, outcome, services, changes, reason, actor, startedAt,
// endedAt}. From the server's history, or from events where the server keeps none.
import { plural } from '../format.js';

const HISTORY_MAX = 50;

// Adds a deployment whose end this page saw.
export function withOutcome(history, event) {
  const outcome = { deployment_success: 'succeeded', deployment_failed: 'failed' }[event.eventType];
  const id = event.id ?? event.plan?.id;
  if (outcome === undefined || id === undefined) return history;
  const services = new Set((event.plan?.steps ?? [])
    .flatMap((step) => step.actions ?? []).map((action) => action.app ?? action.pod));
  const entry = {
    id, outcome, services: [...services], changes: [], reason: event.reason ?? '', actor: '',
    startedAt: event.plan?.version ?? '', endedAt: event.timestamp ?? '',
  };
  return [entry, ...history.filter((known) => known.id !== id)].slice(0, HISTORY_MAX);
}

export function entriesOf(list) {
  return list.map((one) => ({
    id: one.id, outcome: one.outcome, services: one.changes.map((change) => change.app),
    changes: one.changes, reason: one.reason ?? '', actor: one.actor ?? '',
    startedAt: one.startedAt, endedAt: one.endedAt,
  }));
}

const OUTCOMES = {
  succeeded: ['Done', 'good'], failed: ['Failed or cancelled', 'bad'], cancelled: ['Cancelled', 'warn'],
  overridden: ['Overridden', 'warn'], rolledBack: ['Rolled back', 'bad'],
};

// {text, tone}
export function outcomeOf(entry) {
  const [text, tone] = OUTCOMES[entry.outcome] ?? [entry.outcome, 'warn'];
  return { text, tone };
}

const CHANGES = {
  created: 'created', removed: 'removed', scaled: 'scaled', restarted: 'restarted', updated: 'changed',
};

// "changed: /cmd, /env/A and 2 more"
export function changeText(change) {
  const fields = (change.diff ?? []).map((one) => one.path);
  const word = CHANGES[change.change] ?? change.change;
  if (change.change !== 'updated' && change.change !== 'scaled') return word;
  if (fields.length === 0) return word;
  const rest = fields.length > 2 ? ` and ${plural(fields.length - 2, 'other member')}` : '';
  return `${word}: ${fields.slice(0, 2).join(', ')}${rest}`;
}
