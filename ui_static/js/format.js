// Durations, times, sizes and counts as people read them. Pure functions.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function duration(milliseconds) {
  const span = Math.max(0, milliseconds);
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < DAY) {
    const minutes = Math.floor((span % HOUR) / MINUTE);
    return `${Math.floor(span / HOUR)} h${minutes > 0 ? ` ${minutes} min` : ''}`;
  }
  const hours = Math.floor((span % DAY) / HOUR);
  return `${Math.floor(span / DAY)} d${hours > 0 ? ` ${hours} h` : ''}`;
}

export function ago(timestamp, now) {
  const then = Date.parse(timestamp);
  if (Number.isNaN(then)) return '';
  const span = now - then;
  return span < 2 * SECOND ? 'just now' : `${duration(span)} ago`;
}

const two = (number) => String(number).padStart(2, '0');

// Today as 09:14, other days as 2024-05-01 09:14, in the reader's time zone.
export function clock(timestamp, now) {
  const then = new Date(timestamp);
  if (Number.isNaN(then.getTime())) return '';
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === new Date(now).toDateString()) return time;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
}

// Versions are timestamps; their time of day with seconds is short and tells two of a day apart.
export function versionLabel(timestamp) {
  const then = new Date(timestamp);
  if (Number.isNaN(then.getTime())) return String(timestamp ?? '');
  const day = `${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  return `${day} ${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}`;
}

export function cpus(value) {
  return String(Math.round((value ?? 0) * 100) / 100);
}

export function memory(mebibytes) {
  const value = mebibytes ?? 0;
  if (value >= 1024 * 1024) return `${trim(value / 1024 / 1024)} TiB`;
  if (value >= 1024) return `${trim(value / 1024)} GiB`;
  return `${trim(value)} MiB`;
}

function trim(value) {
  return value >= 100 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}

export function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

// "a", "a and b", "a, b and 3 more"
export function sentenceList(names, limit = 2) {
  if (names.length === 0) return '';
  if (names.length === 1) return names[0];
  if (names.length <= limit) return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${names.slice(0, limit).join(', ')} and ${names.length - limit} more`;
}
