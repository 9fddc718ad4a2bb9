// App and group ids: absolute paths such as /prod/web.

export function absolute(id) {
  return `/${segments(id).join('/')}`;
}

export function segments(id) {
  return id.split('/').filter((part) => part !== '');
}

export function lastName(id) {
  return segments(id).at(-1) ?? '/';
}

export function parent(id) {
  return `/${segments(id).slice(0, -1).join('/')}`;
}

export function isBelow(id, group) {
  return group === '/' ? id !== '/' : id.startsWith(`${group}/`);
}

// The child of `group` that `id` is, or is inside of.
export function childTowards(id, group) {
  const depth = segments(group).length;
  return `/${segments(id).slice(0, depth + 1).join('/')}`;
}

// For the path of a request or a link: every segment escaped, the slashes kept.
export function toPath(id) {
  return segments(id).map(encodeURIComponent).join('/');
}

// web.instance-0d3a1b2e-0f7c-11ef-8a5e-02420a0b0c01._app.1 -> 0d3a1b2e; other forms keep their tail.
export function shortTaskId(taskId) {
  const match = /\.(?:instance-|marathon-)([0-9a-f]{8})[0-9a-f-]*(?:\._app)?(?:\.(\d+))?$/.exec(taskId);
  if (match === null) return taskId.length > 24 ? `…${taskId.slice(-22)}` : taskId;
  return match[2] !== undefined && match[2] !== '1' ? `${match[1]}.${match[2]}` : match[1];
}
