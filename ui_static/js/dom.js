// The one place that imports the rendering libraries; views import from here.
import { h, render, Fragment } from '../vendor/preact.js';
import htm from '../vendor/htm.js';

export const html = htm.bind(h);
export { render, Fragment };
export {
  useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState,
} from '../vendor/preact_hooks.js';
export { batch, computed, effect, signal, useComputed, useSignal } from '../vendor/signals.js';
