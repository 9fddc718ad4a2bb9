// The small form over the JSON text: which member each field shows, and what a new value changes.
// A field never touches members it does not name, so unknown members survive.

const DEFAULTS = { instances: 1, cpus: 1, mem: 128, disk: 0 };

// `path` also tells which server messages belong to the field.
export const FIELDS = [
  { name: 'id', label: 'Id', kind: 'text', path: ['id'], hint: '/group/name' },
  { name: 'instances', label: 'Instances', kind: 'number', path: ['instances'], step: 1 },
  { name: 'cpus', label: 'CPUs', kind: 'number', path: ['cpus'], step: 0.1 },
  { name: 'mem', label: 'Memory (MiB)', kind: 'number', path: ['mem'], step: 32 },
  { name: 'disk', label: 'Disk (MiB)', kind: 'number', path: ['disk'], step: 32 },
  { name: 'cmd', label: 'Command', kind: 'lines', path: ['cmd'], hint: 'run by the shell' },
  { name: 'image', label: 'Container image', kind: 'text', path: ['container', 'docker', 'image'], hint: 'none: a plain process' },
  { name: 'network', label: 'Network', kind: 'choice', path: ['networks'], options: ['host', 'container/bridge'] },
  { name: 'containerPort', label: 'Container port', kind: 'number', path: ['container', 'portMappings', 0, 'containerPort'], step: 1 },
  { name: 'healthPath', label: 'Health check path', kind: 'text', path: ['healthChecks', 0, 'path'], hint: 'HTTP on the first port' },
  { name: 'env', label: 'Environment', kind: 'pairs', path: ['env'], hint: 'NAME=value, one a line' },
  { name: 'labels', label: 'Labels', kind: 'pairs', path: ['labels'], hint: 'name=value, one a line' },
];

export function at(document, path) {
  let value = document;
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = value[key];
  }
  return value;
}

export function fieldValue(document, field) {
  if (field.name === 'network') return networkMode(document);
  const value = at(document, field.path);
  if (field.kind === 'pairs') return pairsText(value);
  if (value === undefined || value === null) return '';
  return String(value);
}

export function placeholder(field) {
  return field.hint ?? (DEFAULTS[field.name] === undefined ? '' : String(DEFAULTS[field.name]));
}

function networkMode(document) {
  const mode = at(document, ['networks', 0, 'mode']);
  return mode === undefined ? 'host' : String(mode);
}

// Only plain strings are shown; secrets and other objects stay where they are.
function pairsText(value) {
  if (value === null || typeof value !== 'object') return '';
  return Object.entries(value)
    .filter(([, one]) => typeof one === 'string')
    .map(([key, one]) => `${key}=${one}`)
    .join('\n');
}

export function parsePairs(text) {
  const result = {};
  for (const line of text.split('\n')) {
    const split = line.indexOf('=');
    const key = (split < 0 ? line : line.slice(0, split)).trim();
    if (key !== '') result[key] = split < 0 ? '' : line.slice(split + 1);
  }
  return result;
}

// The edits [{path, value}] that bring the document to the new field text; value undefined removes.
export function fieldEdits(document, field, text) {
  switch (field.kind) {
    case 'number':
      return numberEdits(field, text);
    case 'pairs':
      return [{ path: field.path, value: mergedPairs(at(document, field.path), text) }];
    case 'choice':
      return networkEdits(document, text);
    default:
      return textEdits(document, field, text);
  }
}

function numberEdits(field, text) {
  if (text.trim() === '') return [{ path: field.path, value: undefined }];
  const value = Number(text);
  return Number.isFinite(value) ? [{ path: field.path, value }] : [];
}

function mergedPairs(old, text) {
  const kept = Object.entries(old ?? {}).filter(([, value]) => typeof value !== 'string');
  const merged = { ...Object.fromEntries(kept), ...parsePairs(text) };
  return Object.keys(merged).length === 0 ? undefined : merged;
}

function textEdits(document, field, text) {
  if (field.name === 'image') return imageEdits(document, text);
  if (field.name === 'healthPath') return healthEdits(document, text);
  return [{ path: field.path, value: text === '' ? undefined : text }];
}

function imageEdits(document, text) {
  if (text === '') return [{ path: ['container', 'docker'], value: undefined }, { path: ['container', 'type'], value: 'MESOS' }];
  const edits = [{ path: ['container', 'docker', 'image'], value: text }];
  const hadImage = at(document, ['container', 'docker', 'image']) !== undefined;
  if (!hadImage) edits.unshift({ path: ['container', 'type'], value: 'DOCKER' });
  return edits;
}

function healthEdits(document, text) {
  if (at(document, ['healthChecks', 0]) !== undefined) {
    return [{ path: ['healthChecks', 0, 'path'], value: text === '' ? undefined : text }];
  }
  if (text === '') return [];
  return [{ path: ['healthChecks'], value: [{ protocol: 'HTTP', path: text, portIndex: 0 }] }];
}

function networkEdits(document, mode) {
  const edits = [{ path: ['networks', 0, 'mode'], value: mode }];
  if (mode === 'container/bridge' && at(document, ['portDefinitions']) !== undefined) {
    edits.push({ path: ['portDefinitions'], value: undefined });
  }
  return edits;
}

// The field a message of the server belongs to: the one whose path is the longest common start.
export function fieldFor(segments) {
  let best;
  for (const field of FIELDS) {
    const isPrefix = field.path.every((key, index) => segments[index] === key);
    const isInside = segments.length > 0 && segments.every((key, index) => field.path[index] === key);
    if ((isPrefix || (isInside && segments.length === field.path.length)) &&
        (best === undefined || field.path.length > best.path.length)) {
      best = field;
    }
  }
  return best;
}

const READ_ONLY = ['version', 'versionInfo', 'tasks', 'tasksStaged', 'tasksRunning', 'tasksHealthy',
  'tasksUnhealthy', 'tasksStats', 'taskStats', 'deployments', 'readinessCheckResults',
  'lastTaskFailure'];

// The definition of a running app without what only the server may say.
export function editable(app) {
  return Object.fromEntries(Object.entries(app).filter(([key]) => !READ_ONLY.includes(key)));
}

export const NEW_APP = { id: '/my-app', cmd: 'python3 -m http.server $PORT0', cpus: 0.1, mem: 64, instances: 1 };
