// What a change would do, before it is done.
import { html, useEffect, useState } from '../dom.js';
import { ChangeList } from './changes.js';
import { planView } from '../model/plan.js';

const PAUSE_MILLISECONDS = 400;

// `ask` resolves to a plan, to undefined where the server has none, or fails; asked again when
// `subject` changes, once the person pauses.
export function usePlan(ask, subject) {
  const [plan, setPlan] = useState(undefined);
  useEffect(() => {
    let isWanted = true;
    const timer = setTimeout(() => {
      ask().then((answer) => { if (isWanted) setPlan(answer); }, () => { if (isWanted) setPlan(undefined); });
    }, PAUSE_MILLISECONDS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [subject]);
  return plan;
}

export function PlanBox({ plan }) {
  if (plan === undefined) return null;
  const view = planView(plan);
  return html`<section class=${`plan ${view.tone}`} aria-label="What this would do" aria-live="polite" data-testid="plan">
    <p>${view.text}</p>
    ${view.rooms.map((text) => html`<p key=${text} class="lack">${text}</p>`)}
    ${view.conflicts.length > 0 && html`<p class="lack">Running deployments hold it: ${view.conflicts.map((id) => html`<code key=${id}>${id.slice(0, 8)}</code> `)}</p>`}
    ${view.fields.length > 0 && html`<details open=${view.fields.length <= 6}><summary>${view.fields.length} changed members</summary>
      <${ChangeList} changes=${view.fields} /></details>`}
  </section>`;
}
