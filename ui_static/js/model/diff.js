// Where two documents differ: [{path, before, after}], absent sides left out. Pure.

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const token = (name) => name.replaceAll('~', '~0').replaceAll('/', '~1');
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export function diff(before, after, path = '') {
  if (same(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const names = [...Object.keys(before), ...Object.keys(after).filter((name) => !(name in before))];
    return names.flatMap((name) => {
      const below = `${path}/${token(name)}`;
      if (!(name in after)) return [{ path: below, before: before[name] }];
      if (!(name in before)) return [{ path: below, after: after[name] }];
      return diff(before[name], after[name], below);
    });
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((value, index) => diff(value, after[index], `${path}/${index}`));
  }
  return [{ path: path || '/', before, after }];
}

const VALUE_LENGTH_MAX = 120;

// A value as one short line; '' for an absent side.
export function valueText(value) {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text;
}
