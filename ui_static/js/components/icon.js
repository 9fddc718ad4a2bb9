// Small line icons, drawn here so that the page needs no icon font. Each status has its own shape:
// colour is never the only sign.
import { html } from '../dom.js';

const PATHS = {
  running: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM5 8.2l2.1 2.1L11 6.2',
  deploying: 'M13.8 6.2A6.2 6.2 0 0 0 3 4.4M2.2 9.8A6.2 6.2 0 0 0 13 11.6M3 1.6v2.8h2.8M13 14.4v-2.8h-2.8',
  waiting: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM8 4.4V8l2.4 1.6',
  delayed: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM6.3 5.6v4.8M9.7 5.6v4.8',
  unhealthy: 'M8 1.8 15 14H1zM8 6v4M8 12v.2',
  suspended: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM5 8h6',
  group: 'M1.5 4.2c0-.7.5-1.2 1.2-1.2h3.4l1.6 1.8h5.6c.7 0 1.2.5 1.2 1.2v6c0 .7-.5 1.2-1.2 1.2H2.700c-.7 0-1.2-.5-1.2-1.2z',
  search: 'M7 2.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6zM10.6 10.6 14 14',
  plus: 'M8 3v10M3 8h10',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  close: 'M4 4l8 8M12 4l-8 8',
  scale: 'M2 14h12M4 14V9.500M8 14V6M12 14V2.500',
  restart: 'M13.500 8A5.500 5.500 0 1 1 11.700 3.900M13.500 1.800v3h-3',
  pause: 'M5.500 3.500v9M10.500 3.500v9',
  play: 'M5 3l8 5-8 5z',
  edit: 'M2.500 13.500l.6-2.900L10.700 3l2.300 2.300-7.600 7.600zM9.200 4.500l2.300 2.300',
  destroy: 'M2.500 4.500h11M6 4.500V2.800h4v1.700M4 4.500l.6 9h6.800l.6-9M6.700 7v4M9.300 7v4',
  up: 'M8 13V3.500M4 7l4-4 4 4',
  help: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM6.100 6.300c0-1.200.8-1.900 1.900-1.900s1.900.7 1.900 1.700c0 1.500-1.900 1.500-1.900 3M8 11.500v.2',
  external: 'M6.500 3H3v10h10V9.500M9 2.500h4.500V7M13 3 7.500 8.500',
  copy: 'M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3',
  undo: 'M3 5.500h6.500a3.500 3.500 0 0 1 0 7H6M5.800 2.500 3 5.500l2.800 3',
  check: 'M3 8.500l3.300 3.300L13 4.800',
};

export function Icon({ name, label }) {
  const named = label === undefined ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': label };
  return html`<svg class=${`icon icon-${name}`} viewBox="0 0 16 16" ...${named}><path d=${PATHS[name]} /></svg>`;
}
