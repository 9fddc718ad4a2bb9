// The event stream: one connection, own reconnection, and proof of life. The server sends an empty
// line when idle; a stream without any byte for a while is taken for dead, so that the badge never
// says "live" about a connection that is gone.
import { createParser } from '../vendor/eventsource_parser.js';
import { EVENTS_URL } from './api.js';
import { backoff } from './model/refresh.js';

const SILENCE_MAX_MILLISECONDS = 35_000;
const FRAME_MAX_CHARACTERS = 4 * 1024 * 1024;

// `handlers`: opened(), event(object), lost(reason).
export class EventStream {
  #handlers;
  #abort = null;
  #timer = null;
  #silence = null;
  #attempt = 0;

  constructor(handlers) {
    this.#handlers = handlers;
  }

  start() {
    if (this.#abort !== null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    const abort = new AbortController();
    this.#abort = abort;
    this.#read(abort).then(
      () => this.#ended(abort, 'the server closed the stream'),
      (error) => this.#ended(abort, String(error.message ?? error)),
    );
  }

  // Drops the connection and starts a new one; used when reads fail although the stream seems well.
  restart(reason) {
    if (this.#abort === null) return;
    const abort = this.#abort;
    this.#ended(abort, reason);
    abort.abort();
  }

  stop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    const abort = this.#abort;
    this.#abort = null;
    abort?.abort();
  }

  async #read(abort) {
    this.#watch(abort);
    const response = await fetch(EVENTS_URL, {
      headers: { Accept: 'text/event-stream' }, cache: 'no-store', signal: abort.signal,
    });
    if (!response.ok) throw new Error(`the event stream answered with status ${response.status}`);
    this.#attempt = 0;
    this.#handlers.opened();
    const parser = createParser({
      onEvent: (frame) => this.#deliver(frame), maxBufferSize: FRAME_MAX_CHARACTERS,
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#watch(abort);
      parser.feed(value);
    }
  }

  #deliver(frame) {
    let event;
    try {
      event = JSON.parse(frame.data);
    } catch {
      return;
    }
    if (event !== null && typeof event === 'object') {
      event.eventType ??= frame.event;
      this.#handlers.event(event);
    }
  }

  #watch(abort) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#ended(abort, 'the stream fell silent');
      abort.abort();
    }, SILENCE_MAX_MILLISECONDS);
  }

  #ended(abort, reason) {
    if (this.#abort !== abort) return;
    this.#abort = null;
    clearTimeout(this.#silence);
    this.#handlers.lost(reason);
    this.#timer = setTimeout(() => this.start(), backoff(this.#attempt, Math.random()));
    this.#attempt += 1;
  }
}
