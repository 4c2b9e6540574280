/** Server-sent events, where WebSockets do not get through; against a small HTTP server that does what the real one does. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, test } from 'node:test';
import { WebSocket } from 'ws';
import { EventParser, RedMessenger } from '../redmessenger.mjs';
import { MemoryStorage, until } from './server.mjs';

const cleanups = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

/** Holds the messages of everybody until a Last-Event-ID is behind them. It refuses to upgrade. */
async function startEvents({ status = 200, headers = {}, body = '', available = true } = {}) {
  const inbox = [];
  const requests = [];
  const streams = new Set();
  const events = { inbox, requests, streams, available, upgrades: 0 };
  const write = (stream, { id, payload, ...more }) => {
    const message = { id, source: 'rm.users.ann', timestamp: 1, bubble: true, payload, ...more };
    stream.write(`id: ${id}\ndata: ${JSON.stringify(message)}\n\n`);
  };
  const http = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    requests.push({ path: url.pathname, query: Object.fromEntries(url.searchParams), headers: request.headers });
    if (!events.available || url.pathname !== '/rm/events') {
      response.writeHead(404).end();
      return;
    }
    if (status !== 200) {
      response.writeHead(status, headers).end(body);
      return;
    }
    const done = inbox.findIndex(({ id }) => id === request.headers['last-event-id']);
    inbox.splice(0, done + 1);
    response.writeHead(200, { 'Content-Type': 'text/event-stream;charset=utf-8' });
    response.write(`retry: 1000\n\nevent: ready\ndata: {"uid":"ann","pending":${inbox.length}}\n\n`);
    inbox.forEach((message) => write(response, message));
    streams.add(response);
    response.on('close', () => streams.delete(response));
  });
  http.on('upgrade', (request, socket) => {
    events.upgrades++;
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  cleanups.push(async () => {
    http.close();
    http.closeAllConnections();
    await once(http, 'close');
  });
  events.url = `http://127.0.0.1:${http.address().port}`;
  events.publish = (id, payload, more) => {
    inbox.push({ id, payload, ...more });
    streams.forEach((stream) => write(stream, { id, payload, ...more }));
  };
  events.send = (text) => streams.forEach((stream) => stream.write(text));
  events.cut = () => streams.forEach((stream) => stream.destroy());
  return events;
}

function connect(url, options = {}) {
  const seen = [];
  const states = [];
  const client = new RedMessenger(url, {
    uid: 'ann',
    WebSocket,
    backoff: { base: 20, max: 100 },
    onMessage: ({ payload }) => void seen.push(payload),
    onState: (state, detail) => states.push({ state, ...detail }),
    ...options,
  });
  cleanups.push(() => client.close());
  return { client, seen, states, is: (state) => until(state, () => client.state === state) };
}

test('two handshakes that fail lead to server-sent events', async () => {
  const events = await startEvents();
  events.publish('1', 'waited');
  const { client, seen, is, states } = connect(events.url);
  await is('ready');
  assert.equal(client.transport, 'sse');
  assert.equal(events.upgrades, 2);
  assert.deepEqual(states.at(-1), { state: 'ready', pending: 1, transport: 'sse' });
  events.publish('2', 'live');
  await until('both', () => seen.length === 2);
  assert.deepEqual(seen, ['waited', 'live']);
});

test('without a WebSocket it begins with server-sent events', async () => {
  const events = await startEvents();
  const { client, is } = connect(events.url, { WebSocket: undefined });
  await is('ready');
  assert.equal(client.transport, 'sse');
  assert.equal(events.requests.length, 1);
});

test('the key travels in a header and not in the address; so does a token', async () => {
  const events = await startEvents();
  await connect(events.url, { WebSocket: undefined, key: 's3cret' }).is('ready');
  await connect(events.url, { WebSocket: undefined, uid: undefined, getToken: () => 'a.b.c' }).is('ready');
  const [byKey, byToken] = events.requests;
  assert.deepEqual(byKey.query, { uid: 'ann' });
  assert.equal(byKey.headers.authorization, 'Bearer s3cret');
  assert.deepEqual(byToken.query, {});
  assert.equal(byToken.headers.authorization, 'Bearer a.b.c');
});

test('a cut is survived: what was handled is acknowledged by Last-Event-ID, and shown once', async () => {
  const events = await startEvents();
  const { seen, is, states } = connect(events.url, { WebSocket: undefined });
  await is('ready');
  events.publish('1', 'a');
  events.publish('2', 'b');
  await until('both', () => seen.length === 2);
  events.cut();
  await until('waited', () => states.some(({ state }) => state === 'waiting'));
  await is('ready');
  assert.equal(events.requests.at(-1).headers['last-event-id'], '2');
  events.publish('3', 'c');
  await until('all', () => seen.length === 3);
  assert.deepEqual(seen, ['a', 'b', 'c']);
});

test('what is not handled is not acknowledged', async () => {
  const events = await startEvents();
  const tried = [];
  const { is } = connect(events.url, {
    WebSocket: undefined,
    onMessage: ({ payload }) => {
      tried.push(payload);
      if (tried.length === 2) {
        throw new Error('not now');
      }
    },
    onError: () => {},
  });
  await is('ready');
  events.publish('1', 'a');
  events.publish('2', 'b');
  await until('again', () => tried.length === 3);
  assert.equal(events.requests.at(-1).headers['last-event-id'], '1');
  assert.deepEqual(tried, ['a', 'b', 'b']);
});

test('after a reload it goes on behind what was handled', async () => {
  const events = await startEvents();
  const storage = new MemoryStorage();
  const first = connect(events.url, { WebSocket: undefined, storage });
  await first.is('ready');
  events.publish('1', 'a');
  await until('there', () => first.seen.length === 1);
  first.client.close();
  events.publish('2', 'b');
  const second = connect(events.url, { WebSocket: undefined, storage });
  await until('there', () => second.seen.length === 1);
  assert.deepEqual(second.seen, ['b']);
  assert.equal(events.requests.at(-1).headers['last-event-id'], '1');
});

test('a long stream acknowledges now and then, without a change of state', async () => {
  const events = await startEvents();
  const { seen, states, is } = connect(events.url, { WebSocket: undefined });
  await is('ready');
  for (let i = 0; i < 200; i++) {
    events.publish(`m${i}`, String(i));
  }
  await until('all', () => seen.length === 200);
  await until('acknowledged', () => events.inbox.length < 64);
  assert.deepEqual(seen, Array.from({ length: 200 }, (_, i) => String(i)));
  assert.deepEqual(
    states.map(({ state }) => state),
    ['connecting', 'ready'],
  );
});

test('missed, errors and unknown events', async () => {
  const events = await startEvents();
  const missed = [];
  const { states, is, seen } = connect(events.url, { WebSocket: undefined, onMissed: (count) => missed.push(count) });
  await is('ready');
  events.send('event: missed\ndata: {"count":12}\n\nevent: later\ndata: {}\n\nevent: missed\ndata: no json\n\n: beat\n\ndata: nor this\n\n');
  events.publish('1', 'a');
  await until('there', () => seen.length === 1);
  assert.deepEqual(missed, [12]);
  events.send('event: rm_error\ndata: {"code":"going_away","message":"the server is going away","retryable":true}\n\n');
  await until('heard', () => events.streams.size === 1);
  events.streams.forEach((stream) => stream.end());
  const waiting = await until('waits', () => states.find(({ state }) => state === 'waiting'));
  assert.equal(waiting.error, 'going_away');
});

for (const [status, state, code] of [
  [401, 'refused', 4401],
  [403, 'refused', 4400],
  [400, 'refused', 4400],
]) {
  test(`HTTP ${status} is final, and its reason is told`, async () => {
    const events = await startEvents({
      status,
      headers: { 'Content-Type': 'application/problem+json' },
      body: JSON.stringify({ detail: 'because' }),
    });
    const { states, is } = connect(events.url, { WebSocket: undefined });
    await is(state);
    assert.equal(states.at(-1).code, code);
    assert.equal(states.at(-1).message, 'because');
    assert.equal(events.requests.length, 1);
  });
}

test('HTTP 503 is waited out as long as it says', async () => {
  const events = await startEvents({ status: 503, headers: { 'Retry-After': '7' } });
  const { states, is } = connect(events.url, { WebSocket: undefined });
  await is('waiting');
  assert.ok(states.at(-1).retryIn >= 7_000 && states.at(-1).retryIn <= 7_020);
});

test('a server without server-sent events is asked by WebSocket again', async () => {
  const events = await startEvents({});
  events.available = false;
  const { client, states } = connect(events.url);
  await until('tried', () => events.upgrades >= 4);
  assert.equal(events.requests.length, 1);
  assert.notEqual(client.state, 'ready');
  assert.ok(states.some(({ reason }) => reason === 'HTTP 404'));
});

test('a stream is read no faster than its messages are handled', async () => {
  const events = await startEvents();
  let release;
  const started = [];
  const { is } = connect(events.url, {
    WebSocket: undefined,
    onMessage: ({ payload }) => {
      started.push(payload.length);
      return new Promise((resolve) => (release = resolve));
    },
  });
  await is('ready');
  const large = 'x'.repeat(64 * 1024);
  for (let i = 0; i < 1_000; i++) {
    events.publish(`m${i}`, large);
  }
  await until('started', () => started.length === 1);
  const [stream] = events.streams;
  await until('the network is full', () => stream.writableLength > 16 * 1024 * 1024);
  assert.ok(stream.writableNeedDrain);
  release();
  await until('goes on', () => started.length === 2);
});

// ---- the format

function parse(...pieces) {
  const events = [];
  const parser = new EventParser((event) => events.push(event));
  pieces.forEach((piece) => parser.push(piece));
  return events;
}

test('the event stream format', () => {
  assert.deepEqual(parse('data: a\n\n'), [{ type: 'message', data: 'a', id: '' }]);
  assert.deepEqual(parse('\uFEFFdata:a\ndata: b\ndata:  c\n\n'), [{ type: 'message', data: 'a\nb\n c', id: '' }]);
  assert.deepEqual(parse('id: 7\nevent: x\ndata\n\ndata: y\n\n'), [
    { type: 'x', data: '', id: '7' },
    { type: 'message', data: 'y', id: '7' },
  ]);
  assert.deepEqual(parse(': comment\nevent: x\n\ndata: y\n\n'), [{ type: 'message', data: 'y', id: '' }]);
  assert.deepEqual(parse('id: a\0b\nid\nretry: 5\ndata: y\n\n'), [{ type: 'message', data: 'y', id: '' }]);
  assert.deepEqual(parse('data: unfinished\n'), []);
});

test('the event stream format, cut anywhere, with every line end', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = ['id: 1', 'event: e', 'data: a', 'data: b', '', 'data: c', '', ''].join(end);
    const expected = [
      { type: 'e', data: 'a\nb', id: '1' },
      { type: 'message', data: 'c', id: '1' },
    ];
    assert.deepEqual(parse(...text, ...(end === '\r' ? [':'] : [])), expected, JSON.stringify(end));
    for (let i = 0; i <= text.length; i++) {
      assert.deepEqual(parse(text.slice(0, i), text.slice(i)), expected, `${JSON.stringify(end)} at ${i}`);
    }
  }
});
