// Create and edit: a small form beside the JSON. The text is the truth: the form edits it in place,
// so members it does not know survive, and the server's messages are shown at field and line.
import { html, useEffect, useMemo, useRef, useState } from '../dom.js';
import { save } from '../actions.js';
import { Dialog } from '../components/dialog.js';
import { PlanBox, usePlan } from '../components/plan_box.js';
import { FormFields } from './editor_form.js';
import { JsonArea } from './editor_json.js';
import * as api from '../api.js';
import { NEW_APP, editable, fieldFor } from '../model/form.js';
import { appLink } from '../model/route.js';
import { pathSegments, problemOf } from '../model/problems.js';
import { go } from '../router.js';
import { apps, closeDialog } from '../store.js';

const pretty = (value) => JSON.stringify(value, null, 2);

// A draft outlives the dialog, so that Esc loses nothing.
let createDraft = null;

// `version`: start from that one instead of the current definition.
export function Editor({ mode, id, version }) {
  const [json, setJson] = useState(null);
  const [start, setStart] = useState(mode === 'create' ? { text: createDraft ?? pretty(NEW_APP) } : null);
  useEffect(() => { import('../json_text.js').then(setJson); }, []);
  useEffect(() => {
    if (mode !== 'edit') return;
    const read = version === undefined ? [api.readApp(id)] : [api.readApp(id), api.readVersion(id, version)];
    Promise.all(read).then(
      ([app, old]) => setStart({ text: pretty(editable(old ?? app)), version: app.version }),
      (error) => setStart({ problem: problemOf(error) }),
    );
  }, [mode, id, version]);
  const title = titleOf(mode, id, version);
  if (json === null || start === null) {
    return html`<${Dialog} title=${title} size="wide"><p class="quiet" role="status">Reading…</p></${Dialog}>`;
  }
  if (start.problem) {
    return html`<${Dialog} title=${title} size="wide"><${ProblemBox} problem=${start.problem} /></${Dialog}>`;
  }
  return html`<${OpenEditor} mode=${mode} id=${id} title=${title} json=${json} start=${start} />`;
}

function titleOf(mode, id, version) {
  if (mode === 'create') return 'Create an application';
  return version === undefined ? `Edit ${id}` : `Go back to an earlier version of ${id}`;
}

function OpenEditor({ mode, id, title, json, start }) {
  const [text, setText] = useState(start.text);
  const [problem, setProblem] = useState(null);
  const [isSending, setSending] = useState(false);
  const [panel, setPanel] = useState('form');
  const area = useRef(null);
  const plan = usePlan(() => api.planApp(mode === 'create' ? '' : id, text), text);
  const read = useMemo(() => json.readText(text), [text]);
  const marks = useMemo(() => marksOf(json, text, read, problem), [text, read, problem]);
  const change = (next) => {
    setText(next);
    if (mode === 'create') createDraft = next === pretty(NEW_APP) ? null : next;
  };
  const send = async (force) => {
    if (isSending || read.error) return;
    setSending(true);
    const result = await save({ mode, id, text, force });
    setSending(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    if (mode === 'create') createDraft = null;
    closeDialog();
    go(appLink(result.id));
  };
  const keys = (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send(false);
    }
  };
  const jump = (line) => {
    setPanel('json');
    requestAnimationFrame(() => area.current?.goToLine(line));
  };
  return html`<${Dialog} title=${title} size="wide">
    <div class="editor" data-panel=${panel} onKeyDown=${keys}>
      <${PanelSwitch} panel=${panel} setPanel=${setPanel} />
      <${FormFields} document=${read.value} marks=${marks} edit=${(edits) => change(json.editText(text, edits))} />
      <${JsonArea} text=${text} marks=${marks} onChange=${change} handle=${area} />
    </div>
    <${Messages} mode=${mode} id=${id} start=${start} problem=${problem} marks=${marks} jump=${jump} read=${read} />
    ${problem === null && !read.error && html`<${PlanBox} plan=${plan} />`}
    <footer class="dialog-buttons">
      ${mode === 'create' && text !== pretty(NEW_APP) && html`<button type="button" class="button plain" onClick=${() => { change(pretty(NEW_APP)); setProblem(null); }}>Start over</button>`}
      <span class="grow" />
      <button type="button" class="button plain" onClick=${closeDialog}>Close</button>
      ${problem?.kind === 'conflict' && html`<button type="button" class="button danger" disabled=${isSending || read.error} onClick=${() => send(true)}>Force</button>`}
      <button type="button" class="button primary" disabled=${isSending || read.error} onClick=${() => send(false)}>
        ${isSending ? 'Sending…' : mode === 'create' ? 'Create' : 'Apply changes'}</button>
    </footer></${Dialog}>`;
}

// What to show where: [{line, path, messages, field}], from the text itself or from the server.
function marksOf(json, text, read, problem) {
  if (read.error) return [{ line: read.error.line, path: '', messages: [read.error.message] }];
  return (problem?.fields ?? []).map((entry) => {
    const segments = pathSegments(entry.path);
    return {
      line: json.lineOf(text, segments), path: entry.path, messages: entry.messages,
      field: fieldFor(segments)?.name,
    };
  });
}

function PanelSwitch({ panel, setPanel }) {
  return html`<div class="panel-switch" role="group" aria-label="What to show">
    ${['form', 'json'].map((name) => html`<button key=${name} type="button" class="chip" aria-pressed=${panel === name}
      onClick=${() => setPanel(name)}>${name === 'form' ? 'Form' : 'JSON'}</button>`)}</div>`;
}

function Messages({ mode, id, start, problem, marks, jump, read }) {
  const current = apps.value.get(id)?.version;
  const isOvertaken = mode === 'edit' && current !== undefined && current !== start.version;
  return html`<div class="messages" aria-live="polite">
    ${isOvertaken && html`<p class="notice">${id} was changed by someone else since this dialog was opened; applying overwrites that change.</p>`}
    ${read.error && html`<p class="notice bad">Line ${read.error.line}: ${read.error.message}</p>`}
    ${problem && !read.error && html`<${ProblemBox} problem=${problem} marks=${marks} jump=${jump} />`}
  </div>`;
}

function ProblemBox({ problem, marks = [], jump }) {
  return html`<div class="problem" role="alert"><b>${problem.title}</b>${problem.next && html`<p>${problem.next}</p>`}
    ${problem.deployments.length > 0 && html`<p>Locked by ${problem.deployments.map((id) => html`<code key=${id}>${id}</code> `)}</p>`}
    ${marks.length > 0 && html`<ul>${marks.map((mark) => html`<li key=${mark.path}>
      <button type="button" class="link" onClick=${() => jump(mark.line)}>Line ${mark.line}</button>
      <code>${mark.path}</code> ${mark.messages.join(', ')}</li>`)}</ul>`}</div>`;
}
