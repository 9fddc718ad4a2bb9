// Failed requests in words: what went wrong, and what to do next.

// kind: offline | malformed | invalid | conflict | exists | missing | denied | busy | server
export function problemOf(error) {
  const status = error.status ?? 0;
  const body = error.body ?? {};
  const message = typeof body.message === 'string' ? body.message : '';
  const base = { kind: kindOf(status, body), title: message, next: '', fields: [], deployments: [] };
  switch (base.kind) {
    case 'offline':
      return {
        ...base, title: 'The server did not answer',
        next: body.isWrite ? 'The change may or may not have arrived; look before you send it again'
          : 'It is tried again by itself',
      };
    case 'malformed':
      return { ...base, title: 'This is not valid JSON', next: String(body.details ?? '') };
    case 'invalid':
      return invalid(base, body);
    case 'conflict':
      return conflict(base, body);
    case 'exists':
      return { ...base, title: message || 'This id is taken', next: 'Choose another id, or open that app and edit it' };
    case 'missing':
      return { ...base, title: message || 'Not found', next: 'It may have been removed meanwhile' };
    case 'denied':
      return { ...base, title: message || 'You are not allowed to do this', next: status === 401 ? 'Sign in and try again' : 'Ask for the missing permission' };
    case 'busy':
      return { ...base, title: message || 'The server is busy or changing its leader', next: 'Try again in a moment' };
    default:
      return { ...base, title: message || `The server answered with status ${status}`, next: 'See the log of the server' };
  }
}

function kindOf(status, body) {
  if (status === 0) return 'offline';
  if (status === 400 && typeof body.details === 'string') return 'malformed';
  if (status === 400 || status === 413 || status === 415 || status === 422) return 'invalid';
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'missing';
  if (status === 409) return Array.isArray(body.deployments) ? 'conflict' : 'exists';
  if (status === 502 || status === 503 || status === 504) return 'busy';
  return 'server';
}

function invalid(base, body) {
  const details = Array.isArray(body.details) ? body.details : [];
  const fields = details.map((detail) => ({
    path: detail.path ?? '/',
    messages: (detail.errors ?? []).map(String),
  }));
  const title = fields.length === 0 ? base.title || 'The server refused this' : 'The server refused this definition';
  return { ...base, title, fields, next: fields.length === 0 ? '' : 'Mend the marked places and send it again' };
}

function conflict(base, body) {
  const deployments = body.deployments.map((one) => one.id ?? String(one));
  return {
    ...base,
    title: 'Another deployment is changing this app',
    next: 'Wait for its end, or force: that cancels it where it is and applies your change',
    deployments,
  };
}

// "/container/portMappings(0)/hostPort" -> ['container', 'portMappings', 0, 'hostPort']
export function pathSegments(path) {
  const result = [];
  for (const part of path.split('/')) {
    const match = /^([^()]*)((?:\(\d+\))*)$/.exec(part);
    if (match === null) {
      if (part !== '') result.push(part);
      continue;
    }
    if (match[1] !== '') result.push(match[1]);
    for (const index of match[2].matchAll(/\((\d+)\)/g)) result.push(Number(index[1]));
  }
  return result;
}
