/**
 * The client of RedMessenger: shows a user's messages, each once and in order, wherever the connection breaks.
 *
 * One file without dependencies, for pages, service workers and Node. It speaks the plain WebSocket protocol with
 * acknowledgements of its own, and server-sent events where WebSockets do not get through.
 * redmessenger.js is made from this file: `npm run build`.
 */

const CONNECT_MILLIS = 10_000;
const READY_MILLIS = 20_000;
/** A connection that lived so long was a good one: the back-off begins anew. */
const GOOD_MILLIS = 5_000;
const LONGEST_RETRY_AFTER_SECONDS = 3_600;
const MOST_REFUSALS = 2;

/** One acknowledgement answers for what is handled without a pause, up to so many messages. */
const ACK_MESSAGES = 32;

/** Ids that are remembered as handled. A server sends at most 1,024 messages ahead of their acknowledgement. */
const REMEMBERED_IN_MEMORY = 2_048;
const REMEMBERED_IN_STORAGE = 256;

/** WebSockets that failed before they opened, until server-sent events are tried; and for how long those are kept. */
const SOCKET_FAILURES = 2;
const FALLBACK_MILLIS = 600_000;

/** An event stream acknowledges by connecting anew: when idle after so many messages or ms, and never after more. */
const STREAM_IDLE_MESSAGES = 64;
const STREAM_IDLE_MILLIS = 15_000;
const STREAM_MOST_MESSAGES = 512;
/** Events read ahead of the handler; past it the network is left to wait. */
const STREAM_READ_AHEAD = 256;
const STREAM_SILENCE_MILLIS = 90_000;
const LONGEST_LINE = 8 * 1024 * 1024;

/** A timer that rings so late means that the machine slept, and what it was connected to is gone. */
const TICK_MILLIS = 15_000;
const SLEPT_MILLIS = 120_000;

/** Close codes after which coming back unchanged would fail again. */
const MALFORMED = new Set([1003, 1007, 1009, 4400]);
const UNAUTHORIZED = 4401;
const REPLACED = 4409;
const DISCONNECTED = 4440;

/**
 * How long to wait before an attempt: evenly between nothing and a limit that doubles with each ("full jitter"), so that
 * clients that lost the same server do not come back together.
 *
 * @param {number} attempt 0 for the first
 * @param {{base: number, max: number}} limits in ms
 * @param {() => number} random from 0 to below 1
 */
export function backoff(attempt, { base, max }, random = Math.random) {
  return Math.floor(random() * Math.min(max, base * 2 ** Math.min(attempt, 30)));
}

/** The addresses of a server, from any one of them. */
export function addresses(url, page = globalThis.location?.href) {
  let parsed;
  try {
    parsed = new URL(url, page);
  } catch {
    throw new TypeError(`not an address: ${url}`);
  }
  const secure = { 'http:': false, 'ws:': false, 'https:': true, 'wss:': true }[parsed.protocol];
  if (secure === undefined) {
    throw new TypeError(`an address begins with http, https, ws or wss, not with ${parsed.protocol}`);
  }
  const path = parsed.pathname.replace(/\/+$/, '') || '/rm';
  return {
    socket: `${secure ? 'wss' : 'ws'}://${parsed.host}${path}${parsed.search}`,
    events: `${secure ? 'https' : 'http'}://${parsed.host}${path}/events${parsed.search}`,
    local: /^(localhost|127\.[\d.]+|\[::1\])$/.test(parsed.hostname),
  };
}

/** The ids that were handled: by this client, and in storage by any of the same user in this browser. Bounded. */
class Handled {
  #memory = new Set();
  /** What storage held when the connection began: whatever of it comes on this connection comes again. */
  #before = new Set();
  #storage;
  #name;

  constructor(storage) {
    this.#storage = storage;
  }

  async connected(name) {
    this.#name = name;
    this.#before = new Set(await this.#stored());
  }

  async newest(name) {
    this.#name ??= name;
    return (await this.#stored()).at(-1);
  }

  async has(message) {
    return (
      this.#memory.has(message.id) ||
      this.#before.has(message.id) ||
      (message.redelivered === true && (await this.#stored()).includes(message.id))
    );
  }

  async add(id) {
    this.#memory.delete(id);
    this.#memory.add(id);
    if (this.#memory.size > REMEMBERED_IN_MEMORY) {
      this.#memory.delete(this.#memory.values().next().value);
    }
    if (this.#storage && this.#name) {
      const ids = (await this.#stored()).filter((other) => other !== id);
      ids.push(id);
      try {
        await this.#storage.setItem(this.#name, JSON.stringify(ids.slice(-REMEMBERED_IN_STORAGE)));
      } catch {
        // full, or forbidden: then a message may be shown again after a reload
      }
    }
  }

  async #stored() {
    try {
      const ids = JSON.parse((this.#name && (await this.#storage?.getItem(this.#name))) || '[]');
      return Array.isArray(ids) ? ids : [];
    } catch {
      return [];
    }
  }
}

/** Turns what the server sends into calls of a listener: ready, message, missed, failed; and closed, once, at the end. */
class Link {
  #listener;
  #timer;
  #over = false;

  constructor(listener) {
    this.#listener = listener;
  }

  expect(what, millis) {
    clearTimeout(this.#timer);
    if (!this.#over) {
      this.#timer = setTimeout(() => this.end({ code: 1006, reason: `${what} within ${millis} ms` }), millis);
    }
  }

  expectNothing() {
    clearTimeout(this.#timer);
  }

  received(text) {
    let object;
    try {
      object = JSON.parse(text);
    } catch {
      return;
    }
    if (typeof object?.payload === 'string' && typeof object.id === 'string') {
      this.tell('message', object);
    } else {
      this.notice(object?.type, object);
    }
  }

  /** What is not known is left alone, so that servers may say more one day. */
  notice(type, object) {
    if (type === 'ready') {
      this.expectNothing();
      this.tell('ready', object);
    } else if (type === 'missed') {
      this.tell('missed', object.count);
    } else if (type === 'error') {
      this.tell('failed', object);
    }
  }

  tell(what, argument) {
    if (!this.#over) {
      this.#listener[what](this, argument);
    }
  }

  get over() {
    return this.#over;
  }

  end(how) {
    if (!this.#over) {
      clearTimeout(this.#timer);
      this.#over = true;
      this.stop();
      this.#listener.closed(this, how);
    }
  }

  /** Ends it without a word to the listener. */
  leave() {
    clearTimeout(this.#timer);
    if (!this.#over) {
      this.#over = true;
      this.stop();
    }
  }
}

/** The plain WebSocket protocol, with explicit acknowledgements. */
class SocketLink extends Link {
  transport = 'websocket';
  #socket;
  #opened = false;

  constructor(WebSocket, address, identity, listener) {
    super(listener);
    this.#socket = new WebSocket(address);
    this.expect('no WebSocket', CONNECT_MILLIS);
    this.#socket.onopen = () => {
      if (!this.over) {
        this.#opened = true;
        this.expect('no answer', READY_MILLIS);
        this.#send({ type: 'identify', ...identity, ack: 'explicit' });
      }
    };
    this.#socket.onmessage = (event) => this.received(event.data);
    this.#socket.onclose = (event) => this.end({ code: event.code, reason: event.reason });
    // a close event follows
    this.#socket.onerror = () => {};
  }

  acknowledge(id) {
    this.#send({ type: 'ack', id });
  }

  handled() {}

  #send(object) {
    if (this.#socket.readyState === 1) {
      this.#socket.send(JSON.stringify(object));
    }
  }

  end(how) {
    super.end({ ...how, blocked: !this.#opened });
  }

  stop() {
    if (this.#socket.readyState < 2) {
      this.#socket.close(1000);
    }
  }
}

/** Server-sent events. What was handled is acknowledged by the Last-Event-ID of the next connection. */
class StreamLink extends Link {
  transport = 'sse';
  #abort = new AbortController();
  #handled = 0;
  #idle;
  #waiting;

  constructor(fetch, address, identity, after, listener) {
    super(listener);
    this.expect('no event stream', CONNECT_MILLIS);
    this.#read(fetch, address, identity, after).catch((error) => this.end({ code: 1006, reason: String(error) }));
  }

  async #read(fetch, address, { uid, key, token }, after) {
    const url = new URL(address);
    if (token === undefined) {
      url.searchParams.set('uid', uid);
    }
    const headers = { Accept: 'text/event-stream' };
    const secret = token ?? key;
    if (secret) {
      headers.Authorization = `Bearer ${secret}`;
    }
    if (after) {
      headers['Last-Event-ID'] = after;
    }
    const response = await fetch(url.href, { headers, signal: this.#abort.signal, cache: 'no-store' });
    if (!response.ok || !/^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')) {
      this.end(await refusal(response));
      return;
    }
    this.expect('no answer', READY_MILLIS);
    const decoder = new TextDecoder();
    const events = new EventParser((event) => this.#event(event));
    const reader = response.body.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done || this.over) {
        break;
      }
      events.push(decoder.decode(value, { stream: true }));
      this.expect('nothing was heard', STREAM_SILENCE_MILLIS);
      await this.#waiting?.promise;
    }
    this.end({ code: 1006, reason: 'the event stream ended' });
  }

  #event({ type, data }) {
    if (type === 'message') {
      this.received(data);
    } else {
      try {
        this.notice({ ready: 'ready', missed: 'missed', rm_error: 'error' }[type], JSON.parse(data));
      } catch {
        // not of ours
      }
    }
  }

  acknowledge() {}

  /** Whenever the queue of events has changed. */
  backlog(length) {
    if (length >= STREAM_READ_AHEAD && !this.#waiting) {
      let resume;
      const promise = new Promise((resolve) => (resume = resolve));
      this.#waiting = { promise, resume };
    } else if (length < STREAM_READ_AHEAD / 2 && this.#waiting) {
      this.#waiting.resume();
      this.#waiting = undefined;
    }
  }

  handled(left) {
    this.#handled++;
    if (this.#handled >= STREAM_MOST_MESSAGES || (left === 0 && this.#handled >= STREAM_IDLE_MESSAGES)) {
      this.end({ renewed: true });
    } else {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.end({ renewed: true }), STREAM_IDLE_MILLIS);
    }
  }

  stop() {
    clearTimeout(this.#idle);
    this.#waiting?.resume();
    this.#abort.abort();
  }
}

/** What an HTTP answer other than an event stream means, in the close codes of the WebSocket protocol. */
async function refusal(response) {
  const isProblem = /json/.test(response.headers.get('content-type') ?? '');
  const problem = isProblem ? await response.json().catch(() => ({})) : {};
  const reason = problem.detail ?? `HTTP ${response.status}`;
  const after = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  switch (response.status) {
    case 401:
      return { code: UNAUTHORIZED, reason };
    case 400:
    case 403:
      return { code: 4400, reason };
    case 429:
    case 503:
      return { code: 1013, reason: after > 0 ? `retry-after=${after}` : reason };
    default:
      return { code: 1006, reason, absent: response.status === 404 || response.ok };
  }
}

/** Reads an event stream (HTML standard, section 9.2.6), in pieces that may be cut anywhere. */
export class EventParser {
  #emit;
  #rest = '';
  #afterReturn = false;
  #started = false;
  #type = '';
  #data = [];
  #id = '';

  constructor(emit) {
    this.#emit = emit;
  }

  push(piece) {
    let text = piece;
    if (!this.#started && text) {
      this.#started = true;
      text = text.replace(/^\uFEFF/, '');
    }
    if (this.#afterReturn && text) {
      this.#afterReturn = false;
      text = text.replace(/^\n/, '');
    }
    if (text.endsWith('\r')) {
      this.#afterReturn = true;
    }
    const lines = text.split(/\r\n|\r|\n/);
    lines[0] = this.#rest + lines[0];
    this.#rest = lines.pop();
    if (this.#rest.length > LONGEST_LINE) {
      throw new RangeError(`a line of more than ${LONGEST_LINE} characters`);
    }
    lines.forEach((line) => this.#line(line));
  }

  #line(line) {
    if (line === '') {
      if (this.#data.length > 0) {
        this.#emit({ type: this.#type || 'message', data: this.#data.join('\n'), id: this.#id });
      }
      this.#type = '';
      this.#data = [];
      return;
    }
    const [, field, value] = /^([^:]*)(?:: ?)?(.*)$/s.exec(line);
    if (field === 'data') {
      this.#data.push(value);
    } else if (field === 'event') {
      this.#type = value;
    } else if (field === 'id' && !value.includes('\0')) {
      this.#id = value;
    }
  }
}

/** See README.md for examples, and redmessenger.d.ts for every option. */
export class RedMessenger {
  #addresses;
  #options;
  #limits;
  #handled;
  #onMessage;
  #state;
  #uid;
  #link;
  #queue = [];
  #working = false;
  #ack = { count: 0, link: undefined, id: undefined, timer: undefined };
  #newest;
  #warned = false;

  #attempt = 0;
  #started = 0;
  #refusals = 0;
  #complaint;
  #timer;
  #socketFailures = 0;
  #fallbackUntil = 0;
  #noStreamUntil = 0;
  #ticked = Date.now();
  #ticker;
  #online = () => this.#comeBack();
  #offline = () => this.#loseNetwork();

  constructor(url, user, key) {
    const options = user !== null && typeof user === 'object' ? user : { uid: user, key };
    if (options.uid === undefined && options.token === undefined && options.getToken === undefined) {
      throw new TypeError('who is it? give a uid, a token or getToken');
    }
    this.#addresses = addresses(url);
    this.#options = {
      transports: ['websocket', 'sse'],
      WebSocket: globalThis.WebSocket,
      fetch: globalThis.fetch?.bind(globalThis),
      storage: browserStorage(),
      random: Math.random,
      ...options,
    };
    this.#limits = { base: 1_000, max: 30_000, ...options.backoff };
    this.#handled = new Handled(this.#options.storage);
    this.#uid = options.uid === undefined ? undefined : String(options.uid);
    this.#onMessage = options.onMessage;
    for (const name of ['onMissed', 'onState', 'onError']) {
      if (options[name]) {
        this[name] = options[name];
      }
    }
    if (this.#transports().length === 0) {
      throw new TypeError('no transport: give a WebSocket (Node 20 has none), or fetch');
    }
    globalThis.addEventListener?.('online', this.#online);
    globalThis.addEventListener?.('offline', this.#offline);
    // handlers may be set after the constructor
    this.#retryAfter(0);
  }

  /** Where it stands: connecting, ready, waiting, offline; or it has ended: closed, refused, replaced, disconnected. */
  get state() {
    return this.#state ?? 'connecting';
  }

  /** Who the user is; with a token it is known once the server has said so. */
  get uid() {
    return this.#uid;
  }

  /** websocket, sse, or undefined while not connected. */
  get transport() {
    return this.#link?.transport;
  }

  /**
   * Called with each message. It is done with, and acknowledged, when the promise that is returned resolves; rejected, it
   * comes again. While there is no handler messages wait.
   */
  get onMessage() {
    return this.#onMessage;
  }

  set onMessage(handler) {
    this.#onMessage = handler;
    this.#work();
  }

  /** Called with how many messages were dropped before this user could have them. */
  onMissed() {}

  /** Called with the new state, and what is known about it. */
  onState() {}

  /** Called with what went wrong in a handler or in getToken; the server's complaints come with the state. */
  onError(error) {
    console.error('RedMessenger:', error);
  }

  /** Connects again at once: after it has ended, or rather than wait. Does nothing while it is connected. */
  connect() {
    if (!this.#link) {
      this.#attempt = 0;
      this.#refusals = 0;
      globalThis.addEventListener?.('online', this.#online);
      globalThis.addEventListener?.('offline', this.#offline);
      this.#retryAfter(0);
    }
  }

  /** Ends it. What a running handler is at is not acknowledged any more, but is remembered as handled. */
  close() {
    this.#flush();
    this.#finish('closed');
  }

  /**
   * Asks the user for leave to show notifications. To be called when the user clicks something: browsers refuse otherwise.
   *
   * @returns {Promise<NotificationPermission>}
   */
  async requestNotifications() {
    const { Notification, navigator } = globalThis;
    if (!Notification) {
      return 'denied';
    }
    if (Notification.permission !== 'default' || navigator?.userActivation?.isActive === false) {
      return Notification.permission;
    }
    return Notification.requestPermission();
  }

  // ---- connecting

  #transports() {
    const { transports, WebSocket, fetch } = this.#options;
    return transports.filter((name) => (name === 'websocket' ? WebSocket : name === 'sse' && fetch));
  }

  #pickTransport() {
    const possible = this.#transports();
    const now = Date.now();
    if (possible.length < 2) {
      return possible[0];
    }
    if (now < this.#noStreamUntil) {
      return 'websocket';
    }
    const blocked = now < this.#fallbackUntil || this.#socketFailures >= SOCKET_FAILURES;
    return blocked ? 'sse' : possible[0];
  }

  async #open(quietly) {
    if (this.#isOffline()) {
      this.#become('offline');
      return;
    }
    if (!quietly) {
      this.#become('connecting');
    }
    // the promise stands for the connection while there is none yet
    const opening = { leave() {}, over: false };
    this.#link = opening;
    this.#complaint = undefined;
    try {
      const { getToken, token, key } = this.#options;
      const secret = getToken ? await getToken() : token;
      if (this.#link !== opening) {
        return;
      }
      const identity = secret === undefined ? { uid: this.#uid, ...(key ? { key } : {}) } : { token: secret };
      const transport = this.#pickTransport();
      if (transport === 'sse') {
        const after = this.#newest ?? (await this.#handled.newest(this.#storageName()));
        if (this.#link === opening) {
          this.#link = new StreamLink(this.#options.fetch, this.#addresses.events, identity, after, this.#listener);
        }
      } else {
        this.#socketFailures++;
        this.#link = new SocketLink(this.#options.WebSocket, this.#addresses.socket, identity, this.#listener);
      }
    } catch (error) {
      this.#report(error);
      if (this.#link === opening) {
        this.#link = undefined;
        this.#wait({ code: 1006, reason: String(error) });
      }
    }
  }

  #listener = {
    ready: (link, { uid, pending }) => this.#enqueue(link, { kind: 'ready', uid, pending }),
    message: (link, message) => this.#enqueue(link, { kind: 'message', message }),
    missed: (link, count) => this.#enqueue(link, { kind: 'missed', count }),
    failed: (link, complaint) => (this.#complaint = complaint),
    closed: (link, how) => {
      if (this.#link === link) {
        this.#dropQueue();
        this.#link = undefined;
        this.#ended(link, how);
      }
    },
  };

  #ended(link, how) {
    const { code, reason = '' } = how;
    if (how.renewed) {
      this.#open(true);
      return;
    }
    if (link.transport === 'websocket') {
      this.#socketFailures = how.blocked ? this.#socketFailures : 0;
    } else {
      this.#socketFailures = 0;
      if (how.absent) {
        this.#noStreamUntil = Date.now() + FALLBACK_MILLIS;
      }
    }
    if (code === UNAUTHORIZED) {
      this.#refused(how);
    } else if (MALFORMED.has(code)) {
      this.#finish('refused', how);
    } else if (code === REPLACED) {
      this.#finish('replaced', how);
    } else if (code === DISCONNECTED) {
      this.#finish('disconnected', how);
    } else {
      const after = Number(/\bretry-after=(\d{1,9})\b/.exec(reason)?.[1] ?? 0);
      this.#wait(how, Math.min(after, LONGEST_RETRY_AFTER_SECONDS) * 1_000);
    }
  }

  /** A token may have run out, and then there is a new one. Two in a row that do not do are one too many. */
  #refused(how) {
    this.#refusals++;
    if (this.#options.getToken && this.#refusals < MOST_REFUSALS) {
      this.#wait(how);
    } else {
      this.#finish('refused', how);
    }
  }

  #wait(how, least = 0) {
    if (this.#started && Date.now() - this.#started > GOOD_MILLIS) {
      this.#attempt = 0;
    }
    this.#started = 0;
    if (how.code === 1013) {
      this.#attempt = Math.max(this.#attempt, 2);
    }
    const millis = least + backoff(least ? 0 : this.#attempt, this.#limits, this.#options.random);
    this.#attempt++;
    this.#become('waiting', { ...this.#explain(how), retryIn: millis });
    // unless the handler of the state has done something about it
    if (this.#state === 'waiting' && !this.#link) {
      this.#retryAfter(millis);
    }
  }

  #retryAfter(millis) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(false), millis);
    this.#tick();
  }

  #finish(state, how) {
    clearTimeout(this.#timer);
    clearInterval(this.#ticker);
    globalThis.removeEventListener?.('online', this.#online);
    globalThis.removeEventListener?.('offline', this.#offline);
    this.#leave();
    this.#become(state, how && this.#explain(how));
  }

  #leave() {
    const link = this.#link;
    this.#link = undefined;
    this.#dropQueue();
    link?.leave();
  }

  #explain({ code, reason }) {
    return { code, reason, error: this.#complaint?.code, message: this.#complaint?.message ?? reason };
  }

  #become(state, detail = {}) {
    if (this.#state !== state) {
      this.#state = state;
      this.#call(this.onState, state, detail);
    }
  }

  // ---- the network comes and goes

  #isOffline() {
    return globalThis.navigator?.onLine === false && !this.#addresses.local;
  }

  #loseNetwork() {
    if (this.#isOffline() && this.#state !== 'closed') {
      clearTimeout(this.#timer);
      this.#flush();
      this.#leave();
      this.#become('offline');
    }
  }

  #comeBack() {
    if (this.#state === 'offline' || this.#state === 'waiting') {
      this.#attempt = 0;
      // everybody in the house comes back at once
      this.#retryAfter(backoff(0, this.#limits, this.#options.random));
    }
  }

  #tick() {
    clearInterval(this.#ticker);
    this.#ticked = Date.now();
    this.#ticker = setInterval(() => {
      const slept = Date.now() - this.#ticked > SLEPT_MILLIS;
      this.#ticked = Date.now();
      if (slept && this.#link) {
        this.#leave();
        this.#wait({ code: 1006, reason: 'the machine slept' });
      }
    }, TICK_MILLIS);
    this.#ticker.unref?.();
  }

  // ---- messages: one after the other, whichever connection they came on

  #enqueue(link, entry) {
    if (link === this.#link) {
      this.#queue.push({ link, ...entry });
      link.backlog?.(this.#queue.length);
      this.#work();
    }
  }

  #dropQueue() {
    this.#queue = [];
    this.#ack.link = undefined;
  }

  async #work() {
    if (this.#working) {
      return;
    }
    this.#working = true;
    try {
      while (this.#queue.length > 0 && this.#hasHandler(this.#queue[0])) {
        const entry = this.#queue.shift();
        entry.link.backlog?.(this.#queue.length);
        await this.#handle(entry);
      }
    } finally {
      this.#working = false;
    }
    this.#flush();
  }

  #hasHandler({ kind }) {
    const there = kind !== 'message' || typeof this.onMessage === 'function';
    if (!there && !this.#warned) {
      this.#warned = true;
      console.warn('RedMessenger: messages wait until onMessage is set');
    }
    return there;
  }

  async #handle({ link, kind, message, count, uid, pending }) {
    if (kind === 'ready') {
      this.#uid = uid ?? this.#uid;
      await this.#handled.connected(this.#storageName());
      if (link === this.#link) {
        this.#ready(link, pending);
      }
    } else if (kind === 'missed') {
      this.#call(this.onMissed, count);
    } else if (await this.#handled.has(message)) {
      this.#acknowledge(link, message.id);
    } else {
      try {
        await this.onMessage(message);
      } catch (error) {
        this.#report(error, message);
        this.#giveBack(link);
        return;
      }
      await this.#handled.add(message.id);
      this.#acknowledge(link, message.id);
      this.#notify(message);
    }
  }

  #ready(link, pending) {
    this.#started = Date.now();
    this.#refusals = 0;
    if (link.transport === 'sse') {
      const now = Date.now();
      this.#fallbackUntil = now < this.#fallbackUntil ? this.#fallbackUntil : now + FALLBACK_MILLIS;
    } else {
      this.#socketFailures = 0;
      this.#fallbackUntil = 0;
    }
    this.#become('ready', { pending, transport: link.transport });
  }

  /** The handler could not do it: it comes again, first, on the next connection. */
  #giveBack(link) {
    if (link === this.#link) {
      this.#flush();
      this.#leave();
      this.#wait({ code: 1000, reason: 'onMessage failed' });
    }
  }

  #acknowledge(link, id) {
    this.#newest = id;
    if (link !== this.#link) {
      return;
    }
    if (this.#ack.link !== link) {
      clearTimeout(this.#ack.timer);
      this.#ack = { count: 0, link, id, timer: setTimeout(() => this.#flush(), 0) };
    }
    this.#ack.id = id;
    this.#ack.count++;
    if (this.#queue.length === 0 || this.#ack.count >= ACK_MESSAGES) {
      this.#flush();
    }
    link.handled(this.#queue.length);
  }

  #flush() {
    const { link, id, timer } = this.#ack;
    clearTimeout(timer);
    if (link && link === this.#link) {
      link.acknowledge(id);
    }
    this.#ack.link = undefined;
  }

  #storageName() {
    return this.#uid === undefined ? undefined : `redmessenger:${this.#addresses.socket}:${this.#uid}`;
  }

  /** Text is text: a notification shows markup as it is. */
  async #notify(message) {
    const { notifications } = this.#options;
    const { Notification, document, navigator } = globalThis;
    // of a service worker; in a page these names may be elements
    const { registration, clients } = document ? {} : globalThis;
    if (!notifications || message.bubble !== true || Notification?.permission !== 'granted') {
      return;
    }
    try {
      const windows = clients?.matchAll ? await clients.matchAll({ type: 'window' }) : [];
      if (document ? !document.hidden : windows.some((window) => window.visibilityState === 'visible')) {
        return;
      }
      const custom = typeof notifications === 'function' ? notifications(message) : {};
      if (!custom) {
        return;
      }
      const { title = document?.title || 'RedMessenger', ...rest } = custom;
      const options = { body: message.payload, tag: message.id, ...rest };
      if (registration) {
        await registration.showNotification(title, options);
      } else {
        try {
          new Notification(title, options);
        } catch {
          // Chrome on Android lets service workers show them only
          await (await navigator.serviceWorker.ready).showNotification(title, options);
        }
      }
    } catch (error) {
      this.#report(error, message);
    }
  }

  #call(handler, ...args) {
    try {
      handler?.apply(this, args);
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error, message) {
    try {
      this.onError?.(error, message);
    } catch {
      // there is nobody left to tell
    }
  }
}

/** Of a page. Service workers have none, and what Node calls so is another thing. */
function browserStorage() {
  try {
    return typeof window === 'undefined' ? undefined : window.localStorage;
  } catch {
    return undefined;
  }
}
