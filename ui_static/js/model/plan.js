// What a change would do, from the answer of the server's plan. Pure.
import { plural } from '../format.js';

// {tone, text, fields, rooms, conflicts} for a plan about one service.
export function planView(plan) {
  const services = plan.services ?? [];
  const rooms = services.filter((one) => one.room?.fits === false).map((one) => one.room.text);
  let tone = 'quiet';
  if (plan.changes) tone = plan.fits === false || rooms.length > 0 ? 'warn' : 'good';
  return {
    tone,
    text: plan.text ?? '',
    fields: services.flatMap((one) => one.fields ?? []),
    rooms,
    conflicts: plan.conflicts ?? [],
    effect: effectText(plan.totals),
  };
}

function effectText(totals) {
  if (totals === undefined) return '';
  const parts = [];
  if (totals.replaced > 0) parts.push(`replaces ${plural(totals.replaced, 'instance')}`);
  if (totals.started > 0) parts.push(`starts ${plural(totals.started, 'instance')}`);
  if (totals.stopped > 0) parts.push(`stops ${plural(totals.stopped, 'instance')}`);
  return parts.join(', ');
}
