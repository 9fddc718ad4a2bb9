// The JSON half of the editor: a plain text area with line numbers, marks and kept indentation.
import { html, useEffect, useRef } from '../dom.js';

export function JsonArea({ text, marks, onChange, handle }) {
  const area = useRef(null);
  const gutter = useRef(null);
  const marked = new Map(marks.map((mark) => [mark.line, mark.messages.join(', ')]));
  const follow = () => { gutter.current.scrollTop = area.current.scrollTop; };
  useEffect(() => {
    handle.current = { goToLine: (line) => goToLine(area.current, line) };
  }, []);
  const count = text.split('\n').length;
  return html`<div class="json-area">
    <div class="gutter" ref=${gutter} aria-hidden="true">${Array.from({ length: count }, (_, index) => html`
      <span key=${index} class=${marked.has(index + 1) ? 'marked' : ''} title=${marked.get(index + 1)}>${index + 1}</span>`)}</div>
    <textarea ref=${area} name="json" aria-label="Definition as JSON" spellcheck="false" autocomplete="off" wrap="off" value=${text}
      aria-invalid=${marks.length > 0} onInput=${(event) => onChange(event.target.value)} onScroll=${follow} onKeyDown=${(event) => keepIndent(event, onChange)} />
  </div>`;
}

function goToLine(area, line) {
  const lines = area.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  area.scrollTop = Math.max(0, (line - 4) * (area.scrollHeight / lines.length));
}

// Enter keeps the indentation of the line. Tab is left alone: it moves the focus, as everywhere.
function keepIndent(event, onChange) {
  if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
  const area = event.target;
  const before = area.value.slice(0, area.selectionStart);
  const indent = /[^\n]*$/.exec(before)[0].match(/^\s*/)[0];
  const deeper = /[{[]\s*$/.test(before) ? '  ' : '';
  event.preventDefault();
  area.setRangeText(`\n${indent}${deeper}`, area.selectionStart, area.selectionEnd, 'end');
  onChange(area.value);
}
