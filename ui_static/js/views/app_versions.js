// Versions that are kept: compare any two, go back to one.
import { html, useEffect, useState } from '../dom.js';
import * as format from '../format.js';
import * as api from '../api.js';
import { ChangeList } from '../components/changes.js';
import { Icon } from '../components/icon.js';
import { diff } from '../model/diff.js';
import { editable } from '../model/form.js';
import { now, openDialog } from '../store.js';

export function Versions({ app }) {
  const [versions, setVersions] = useState([]);
  const [pair, setPair] = useState({ older: undefined, newer: undefined });
  useEffect(() => {
    api.readVersions(app.id).then((list) => {
      const sorted = [...list].sort().reverse();
      setVersions(sorted);
      setPair({ older: sorted[1], newer: sorted[0] });
    }, () => setVersions([]));
  }, [app.id, app.version]);
  const choose = (side) => (event) => setPair({ ...pair, [side]: event.target.value });
  return html`<section class="versions" aria-label="Versions"><div class="two-columns">
    <div class="table-scroll"><table class="table" data-testid="versions"><thead><tr><th>From</th><th>To</th><th>Version</th><th></th></tr></thead>
      <tbody>${versions.map((version) => html`<tr key=${version}>
        <td><input type="radio" name="older" value=${version} checked=${pair.older === version} onChange=${choose('older')} aria-label=${`Compare from ${version}`} /></td>
        <td><input type="radio" name="newer" value=${version} checked=${pair.newer === version} onChange=${choose('newer')} aria-label=${`Compare to ${version}`} /></td>
        <td>${format.clock(version, now.value)} <small class="quiet">${format.ago(version, now.value)}${version === app.version ? ', current' : ''}</small></td>
        <td>${version !== app.version && html`<button type="button" class="button small" onClick=${() => openDialog('editor', { mode: 'edit', id: app.id, version })}>
          <${Icon} name="undo" />Go back…</button>`}</td></tr>`)}</tbody></table></div>
    <${Comparison} id=${app.id} older=${pair.older} newer=${pair.newer} />
  </div></section>`;
}

function Comparison({ id, older, newer }) {
  const [changes, setChanges] = useState(undefined);
  useEffect(() => {
    let isWanted = true;
    setChanges(undefined);
    if (older === undefined || newer === undefined) return undefined;
    Promise.all([api.readVersion(id, older), api.readVersion(id, newer)]).then(([before, after]) => {
      if (isWanted) setChanges(diff(editable(before), editable(after)));
    }, () => { if (isWanted) setChanges(undefined); });
    return () => { isWanted = false; };
  }, [id, older, newer]);
  if (older === undefined) return html`<p class="quiet">There is only one version.</p>`;
  if (changes === undefined) return html`<p class="quiet" role="status">Reading the versions…</p>`;
  return html`<div class="card" data-testid="comparison"><h2>What changed</h2>
    ${changes.length === 0 ? html`<p class="quiet">Nothing: it was restarted.</p>` : html`<${ChangeList} changes=${changes} />`}</div>`;
}
