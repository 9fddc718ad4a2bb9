// A list that draws only the rows in view, so that ten thousand scroll like ten. Rows have one
// fixed height; assistive technology learns the true length from aria-rowcount.
import { html, useEffect, useRef, useState } from '../dom.js';

const OVERSCAN_ROWS = 8;

export function WindowList({ rows, rowHeight, header, row, label, empty }) {
  const scroller = useRef(null);
  const [view, setView] = useState({ top: 0, height: 800 });

  useEffect(() => {
    const element = scroller.current;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);

  const first = Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN_ROWS);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN_ROWS);
  const isScrolling = rows.length * rowHeight > view.height;
  return html`<div class=${`window-table ${isScrolling ? 'scrolls' : ''}`} role="table" aria-label=${label} aria-rowcount=${rows.length + 1}>
    <div role="rowgroup" class="window-header">${header}</div>
    <div role="rowgroup" class="window-list" ref=${scroller} tabindex="-1">
      ${rows.length === 0 ? empty : html`
        <div class="window-space" style=${{ height: `${rows.length * rowHeight}px` }}>
          ${rows.slice(first, last).map((item, index) => html`
            <div key=${`${item.kind}${item.id}`} role="row" class=${`row ${item.kind}-row`} aria-rowindex=${first + index + 2}
              style=${{ height: `${rowHeight}px`, transform: `translateY(${(first + index) * rowHeight}px)` }}>
              ${row(item)}
            </div>`)}
        </div>`}
    </div>
  </div>`;
}
