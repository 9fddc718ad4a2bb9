// The form half of the editor.
import { html, useEffect, useState } from '../dom.js';
import { FIELDS, fieldEdits, fieldValue, placeholder } from '../model/form.js';

// `document` is undefined while the text is not valid JSON; the fields then wait.
export function FormFields({ document, marks, edit }) {
  const errors = new Map(marks.filter((mark) => mark.field).map((mark) => [mark.field, mark.messages]));
  return html`<fieldset class="form-fields" disabled=${document === undefined}>
    <legend class="sr-only">Common fields</legend>
    ${FIELDS.map((field) => html`<${Field} key=${field.name} field=${field} value=${document === undefined ? '' : fieldValue(document, field)}
      errors=${errors.get(field.name)} change=${(text) => edit(fieldEdits(document, field, text))} />`)}
  </fieldset>`;
}

function Field({ field, value, errors, change }) {
  // The typed text may be something JSON cannot hold yet ("0."), so it lives here while focused.
  const [typed, setTyped] = useState(null);
  useEffect(() => { if (typed !== null && typed === value) setTyped(null); }, [value]);
  const input = (event) => {
    setTyped(event.target.value);
    change(event.target.value);
  };
  const shared = {
    id: `field-${field.name}`, name: field.name, value: typed ?? value, onInput: input,
    onBlur: () => setTyped(null), 'aria-invalid': errors !== undefined,
    'aria-describedby': errors === undefined ? undefined : `error-${field.name}`,
    placeholder: placeholder(field), autofocus: field.name === 'id', autocomplete: 'off', spellcheck: 'false',
  };
  return html`<div class=${`field ${field.kind} f-${field.name}`}>
    <label for=${shared.id}>${field.label}</label>
    <${Control} field=${field} shared=${shared} />
    ${errors !== undefined && html`<p class="field-error" id=${`error-${field.name}`}>${errors.join(', ')}</p>`}</div>`;
}

function Control({ field, shared }) {
  if (field.kind === 'pairs') return html`<textarea ...${shared} rows="3" />`;
  if (field.kind === 'lines') return html`<textarea ...${shared} rows="2" />`;
  if (field.kind === 'choice') {
    const options = field.options.includes(shared.value) ? field.options : [...field.options, shared.value];
    return html`<select ...${shared}>${options.map((one) => html`<option key=${one} value=${one}>${one}</option>`)}</select>`;
  }
  return html`<input ...${shared} inputmode=${field.kind === 'number' ? 'decimal' : 'text'} />`;
}
