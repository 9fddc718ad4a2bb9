// The small dialogs. Every button says what it does; the dangerous one is never preselected.
import { html, useEffect, useState } from '../dom.js';
import { countBeforeSuspend, destroy, scale } from '../actions.js';
import * as api from '../api.js';
import { Buttons, Dialog } from '../components/dialog.js';
import { PlanBox, usePlan } from '../components/plan_box.js';
import { Editor } from './editor.js';
import * as format from '../format.js';
import { lastName } from '../model/ids.js';
import { apps, closeDialog, dialog } from '../store.js';

const KINDS = {
  scale: Scale, resume: Resume, suspend: Suspend, destroy: Destroy, confirm: Confirm,
  conflict: Conflict, help: Help, editor: Editor,
};

export function Dialogs() {
  const open = dialog.value;
  if (open === null) return null;
  return html`<${KINDS[open.kind]} key=${`${open.kind}${open.id ?? open.title ?? ''}`} ...${open} />`;
}

const INSTANCES_MAX = 100_000;

function Scale({ id }) {
  const app = apps.value.get(id);
  return html`<${ScaleForm} id=${id} title=${`Scale ${id}`} from=${app?.instances ?? 0} start=${app?.instances ?? 1} />`;
}

function Resume({ id }) {
  const [count, setCount] = useState(null);
  useEffect(() => {
    let isOpen = true;
    countBeforeSuspend(id).then((found) => { if (isOpen) setCount(found); });
    return () => { isOpen = false; };
  }, [id]);
  if (count === null) {
    return html`<${Dialog} title=${`Resume ${id}`}><p class="quiet" role="status">Looking up how many instances it had…</p></${Dialog}>`;
  }
  return html`<${ScaleForm} id=${id} title=${`Resume ${id}`} from=${0} start=${count} />`;
}

function ScaleForm({ id, title, from, start }) {
  const [text, setText] = useState(String(start));
  const app = apps.value.get(id);
  const count = Number(text);
  const isValid = /^\d+$/.test(text) && count <= INSTANCES_MAX;
  const plan = usePlan(() => (isValid && count !== from ? api.planScale(id, count) : Promise.resolve(undefined)), text);
  const submit = (event) => {
    event.preventDefault();
    if (!isValid) return;
    closeDialog();
    scale(id, count);
  };
  const step = (by) => setText(String(Math.max(0, (isValid ? count : from) + by)));
  return html`<${Dialog} title=${title} size="small"><form onSubmit=${submit}>
    <label class="field"><span>Instances</span>
      <span class="stepper">
        <button type="button" class="button" aria-label="One less" onClick=${() => step(-1)}>−</button>
        <input type="text" inputmode="numeric" name="instances" value=${text} autofocus autocomplete="off"
          aria-invalid=${!isValid} aria-describedby="scale-effect" onInput=${(event) => setText(event.target.value.trim())} />
        <button type="button" class="button" aria-label="One more" onClick=${() => step(1)}>+</button>
      </span></label>
    <p id="scale-effect" class="effect">${isValid ? effect(app, from, count) : `A whole number from 0 to ${INSTANCES_MAX}`}</p>
    <${PlanBox} plan=${plan} />
    <${Buttons}><button type="button" class="button plain" onClick=${closeDialog}>Keep ${from}</button>
      <button type="submit" class="button primary" disabled=${!isValid || count === from}>Scale to ${isValid ? count : '…'}</button></${Buttons}>
  </form></${Dialog}>`;
}

function effect(app, from, to) {
  if (to === from) return `${format.plural(from, 'instance')} wanted now`;
  const difference = Math.abs(to - from);
  const size = `${format.cpus((app?.cpus ?? 0) * difference)} CPU and ${format.memory((app?.mem ?? 0) * difference)}`;
  return to > from
    ? `Starts ${format.plural(difference, 'instance')}; needs ${size} more`
    : `Stops ${format.plural(difference, 'instance')}; frees ${size}`;
}

function Suspend({ id }) {
  const app = apps.value.get(id);
  return html`<${Confirm} title=${`Suspend ${id}`} action="Suspend"
    text=${`All ${format.plural(app?.instances ?? 0, 'instance')} are stopped; the definition stays and can be resumed.`}
    run=${() => scale(id, 0)} />`;
}

function Destroy({ id }) {
  const [typed, setTyped] = useState('');
  const app = apps.value.get(id);
  const name = lastName(id);
  const isRight = typed === name || typed === id;
  const plan = usePlan(() => api.planDestroy(id), id);
  const submit = (event) => {
    event.preventDefault();
    if (!isRight) return;
    closeDialog();
    destroy(id);
  };
  return html`<${Dialog} title=${`Destroy ${id}`} size="small"><form onSubmit=${submit}>
    <p>This stops ${format.plural(app?.tasksRunning ?? 0, 'running instance')} and removes the definition, its versions and its volumes. It cannot be undone.</p>
    <${PlanBox} plan=${plan} />
    <label class="field"><span>Type <code>${name}</code> to confirm</span>
      <input name="confirm" value=${typed} autofocus autocomplete="off" spellcheck="false" onInput=${(event) => setTyped(event.target.value.trim())} /></label>
    <${Buttons}><button type="button" class="button plain" onClick=${closeDialog}>Keep it</button>
      <button type="submit" class="button danger" disabled=${!isRight}>Destroy ${name}</button></${Buttons}>
  </form></${Dialog}>`;
}

function Confirm({ title, text, action, isDanger, run }) {
  const act = () => {
    closeDialog();
    run();
  };
  return html`<${Dialog} title=${title} size="small"><p>${text}</p>
    <${Buttons}><button type="button" class="button plain" autofocus=${isDanger} onClick=${closeDialog}>Do nothing</button>
      <button type="button" class=${`button ${isDanger ? 'danger' : 'primary'}`} autofocus=${!isDanger} onClick=${act}>${action}</button></${Buttons}></${Dialog}>`;
}

function Conflict({ problem, retry }) {
  return html`<${Confirm} title=${problem.title} action="Force" isDanger=${true} run=${retry}
    text=${html`${problem.next}. ${problem.deployments.length > 0 && html`It is locked by ${problem.deployments.map((id) => html`
      <code key=${id}>${id.slice(0, 8)}</code> `)}<a href="#/deployments">Show deployments</a>`}`} />`;
}

const KEYS = [
  ['/', 'Search'], ['c', 'Create an application'], ['g a', 'Applications'], ['g d', 'Deployments'],
  ['g e', 'Edit the application that is shown'], ['Esc', 'Close, or clear the search'],
  ['Ctrl Enter', 'Send the dialog'], ['?', 'This help'],
];

function Help() {
  return html`<${Dialog} title="Help and keys" size="small">
    <dl class="keys">${KEYS.map(([key, text]) => html`<div key=${key}><dt>${key.split(' ').map((one) => html`<kbd key=${one}>${one}</kbd>`)}</dt><dd>${text}</dd></div>`)}</dl>
    <p class="quiet">Search words match ids and labels; <code>tier:front</code> matches a label, <code>status:waiting</code> a status.</p>
    <p><a href="#/about">About this server</a></p></${Dialog}>`;
}
