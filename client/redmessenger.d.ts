/** A message, as the server sends it. */
export interface Message {
  /** Unique, and the same in every redelivery. */
  id: string;
  /** What was published to: `rm.users.$uid` or `rm.channels.$cid`. */
  source: string;
  /** When it was accepted, Unix milliseconds. */
  timestamp: number;
  /** Whether this connection is the one of the user that shows a desktop notification. */
  bubble: boolean;
  /** The user may have seen it before. This client leaves out what it knows to be handled. */
  redelivered?: true;
  /** Exactly what was published. It is text: show it with `textContent`, never as markup. */
  payload: string;
}

/**
 * - `connecting`, `ready`: connected, and messages flow
 * - `waiting`: for the next attempt, in `retryIn` ms
 * - `offline`: the browser says that there is no network; goes on by itself when there is
 *
 * and these last until `connect()`:
 * - `closed`: by `close()`
 * - `refused`: wrong key, no valid token, or a request that the server does not understand
 * - `replaced`: the user has opened more connections than allowed, and this was the oldest
 * - `disconnected`: by an operator
 */
export type State =
  | 'connecting'
  | 'ready'
  | 'waiting'
  | 'offline'
  | 'closed'
  | 'refused'
  | 'replaced'
  | 'disconnected';

export interface StateDetail {
  /** With `ready`: how many messages wait. */
  pending?: number;
  /** With `ready`. */
  transport?: Transport;
  /** With `waiting`: ms until the next attempt. */
  retryIn?: number;
  /** The close code; see docs/protocols.md. */
  code?: number;
  /** The close reason. */
  reason?: string;
  /** The server's code of the error, for programs: `unauthorized`, `replaced`, … */
  error?: string;
  /** The same for people. */
  message?: string;
}

export type Transport = 'websocket' | 'sse';

/** As much of localStorage as is needed; it may answer with promises. */
export interface IdStorage {
  getItem(name: string): string | null | undefined | Promise<string | null | undefined>;
  setItem(name: string, value: string): unknown;
}

/** What a desktop notification looks like; without a title it is the page's. */
export type NotificationLook = NotificationOptions & { title?: string };

export interface Options {
  /** Who the user is. Not needed with a token, which says so itself. */
  uid?: string;
  /** The user's key, where the server is in secure mode. */
  key?: string;
  /** A signed token (JWT) instead of a key. */
  token?: string;
  /** Called for each connection, and again when the server refuses the token: for tokens that run out. */
  getToken?: () => string | Promise<string>;
  /** A message is acknowledged when this has returned, or its promise has resolved; if it fails the message comes again. */
  onMessage?: (this: RedMessenger, message: Message) => unknown;
  /** So many messages were dropped before this user could have them. */
  onMissed?: (this: RedMessenger, count: number) => void;
  onState?: (this: RedMessenger, state: State, detail: StateDetail) => void;
  /** What went wrong in a handler or in getToken. Default: the console. */
  onError?: (this: RedMessenger, error: unknown, message?: Message) => void;
  /**
   * Show a desktop notification when the page is hidden and the message's `bubble` is true, once the user has agreed (see
   * requestNotifications). A function says what it looks like, or null for none.
   */
  notifications?: boolean | ((message: Message) => NotificationLook | null | undefined);
  /** Where handled ids are kept over a reload. Default: localStorage in a page, nothing elsewhere. */
  storage?: IdStorage | null;
  /** In the order in which they are tried. Default: both. */
  transports?: Transport[];
  /** Pauses between attempts, in ms: at random up to base, doubled with each, up to max. Default: 1,000 and 30,000. */
  backoff?: { base?: number; max?: number };
  /** A WebSocket for where there is none, such as Node 20: that of the npm package ws will do. */
  WebSocket?: unknown;
  fetch?: typeof globalThis.fetch;
  /** From 0 to below 1. Default: Math.random. */
  random?: () => number;
}

/** Connects on construction. */
export class RedMessenger {
  /**
   * @param url http, https, ws or wss; without a path it is `/rm`
   */
  constructor(url: string | URL, options: Options);
  /** As the client of 2015: set `onMessage` afterwards. */
  constructor(url: string | URL, userId: string, userKey?: string);

  onMessage: ((message: Message) => unknown) | undefined;
  onMissed(count: number): void;
  onState(state: State, detail: StateDetail): void;
  onError(error: unknown, message?: Message): void;

  readonly state: State;
  readonly uid: string | undefined;
  readonly transport: Transport | undefined;

  /** Connects at once: after it has ended, or rather than wait for the next attempt. */
  connect(): void;
  /** Ends it. */
  close(): void;
  /** Asks the user for leave to show notifications; to be called from a click. */
  requestNotifications(): Promise<NotificationPermission>;
}

/** How long to wait before an attempt, in ms; 0 is the first. */
export function backoff(attempt: number, limits: { base: number; max: number }, random?: () => number): number;

/** The addresses of a server, from any one of them. */
export function addresses(url: string | URL, page?: string): { socket: string; events: string; local: boolean };

/** Reads an event stream in pieces. */
export class EventParser {
  constructor(emit: (event: { type: string; data: string; id: string }) => void);
  push(piece: string): void;
}
