/** The client against the real server. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { RedMessenger } from '../redmessenger.mjs';
import { MemoryStorage, startProxy, startServer, until } from './server.mjs';

let server;
let users = 0;
const cleanups = [];

before(async () => {
  server = await startServer('--conn-limit=2');
});

after(() => server?.stop());

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

const newUser = () => `user${++users}`;
const fast = { base: 50, max: 400 };

function connect(uid, options = {}, url = server.url) {
  const seen = [];
  const states = [];
  const client = new RedMessenger(url, {
    uid,
    WebSocket,
    transports: ['websocket'],
    backoff: fast,
    onMessage: (message) => void seen.push(message.payload),
    onState: (state, detail) => states.push({ state, ...detail }),
    ...options,
  });
  cleanups.push(() => client.close());
  return { client, seen, states, is: (state) => until(state, () => client.state === state) };
}

async function proxied(options) {
  const proxy = await startProxy(server.port, options);
  cleanups.push(() => proxy.close());
  return proxy;
}

async function publish(uid, ...payloads) {
  for (const payload of payloads) {
    await server.redis.publish(`rm.users.${uid}`, payload);
  }
}

const numbers = (count, from = 0) => Array.from({ length: count }, (_, i) => String(from + i));
const nothingWaits = (uid) => until('nothing waits', async () => (await server.redis.waiting(uid)) === 0);

test('a backlog of 1,000 comes in order, then what is live', async () => {
  const uid = newUser();
  await Promise.all(numbers(1_000).map((payload) => publish(uid, payload)));
  await until('stored', async () => (await server.redis.waiting(uid)) === 1_000);
  const { seen, states } = connect(uid);
  await until('all', () => seen.length === 1_000, 20_000);
  await publish(uid, 'live');
  await until('live', () => seen.length === 1_001);
  assert.deepEqual(seen, [...numbers(1_000), 'live']);
  assert.deepEqual(
    states.find(({ state }) => state === 'ready'),
    { state: 'ready', pending: 1_000, transport: 'websocket' },
  );
  await nothingWaits(uid);
});

test('a channel reaches its members', async () => {
  const uid = newUser();
  await server.redis.command('SADD', `rm:channels:c-${uid}:subscribers`, uid);
  let source;
  const { seen, client, is } = connect(uid);
  client.onMessage = (message) => {
    source = message.source;
    seen.push(message.payload);
  };
  await is('ready');
  await server.redis.publish(`rm.channels.c-${uid}`, 'Meow');
  await until('there', () => seen.length === 1);
  assert.equal(source, `rm.channels.c-${uid}`);
});

test('a message is acknowledged only when the promise of the handler resolves, and the next waits for it', async () => {
  const uid = newUser();
  let release;
  const started = [];
  connect(uid, {
    onMessage: (message) => {
      started.push(message.payload);
      return new Promise((resolve) => (release = resolve));
    },
  });
  await publish(uid, 'a', 'b');
  await until('started', () => started.length === 1);
  // a message of another user has gone all the way meanwhile: the server is not merely slow
  const other = newUser();
  const second = connect(other);
  await publish(other, 'x');
  await until('other', () => second.seen.length === 1);
  await nothingWaits(other);
  assert.deepEqual(started, ['a']);
  assert.equal(await server.redis.waiting(uid), 2);
  release();
  await until('next', () => started.length === 2);
  await until('a is done', async () => (await server.redis.waiting(uid)) === 1);
  release();
  await nothingWaits(uid);
});

test('a handler that fails gets the message again, first, and then the rest', async () => {
  const uid = newUser();
  const tried = [];
  const errors = [];
  const { states } = connect(uid, {
    onMessage: async ({ payload }) => {
      tried.push(payload);
      if (tried.length < 3) {
        throw new Error('not now');
      }
    },
    onError: (error, message) => errors.push([error.message, message.payload]),
  });
  await publish(uid, 'a', 'b');
  await until('all', () => tried.length === 4);
  assert.deepEqual(tried, ['a', 'a', 'a', 'b']);
  assert.deepEqual(errors, [
    ['not now', 'a'],
    ['not now', 'a'],
  ]);
  assert.equal(states.filter(({ state }) => state === 'waiting').length, 2);
  await nothingWaits(uid);
});

test('messages wait while there is no handler', async (t) => {
  const uid = newUser();
  const warnings = [];
  t.mock.method(console, 'warn', (text) => warnings.push(text));
  const { client, seen, is } = connect(uid, { onMessage: undefined });
  await is('ready');
  await publish(uid, 'a', 'b');
  await until('warned', () => warnings.length > 0);
  client.onMessage = ({ payload }) => seen.push(payload);
  await until('there', () => seen.length === 2);
  assert.deepEqual(seen, ['a', 'b']);
  assert.equal(warnings.length, 1);
  await nothingWaits(uid);
});

test('the signature of 2015 works, with a handler that is set later', async () => {
  const uid = newUser();
  const saved = globalThis.WebSocket;
  globalThis.WebSocket = WebSocket;
  try {
    const rm = new RedMessenger(`${server.url}/rm`, uid, 'key-that-nobody-asks-for');
    cleanups.push(() => rm.close());
    const seen = [];
    rm.onMessage = (message) => seen.push(message);
    await publish(uid, '100%');
    await until('there', () => seen.length === 1);
    assert.equal(seen[0].payload, '100%');
    assert.equal(seen[0].source, `rm.users.${uid}`);
    assert.equal(seen[0].bubble, true);
    assert.equal(typeof seen[0].timestamp, 'number');
  } finally {
    globalThis.WebSocket = saved;
  }
});

test('text is text: every character arrives, and markup is only characters', async () => {
  const uid = newUser();
  const { seen } = connect(uid);
  const payloads = ['<img src=x onerror=alert(1)>', '"\\\u2028\u0000', '{"type":"missed","count":3}', '😀 ä', '', ' '];
  await publish(uid, ...payloads);
  await until('all', () => seen.length === payloads.length);
  assert.deepEqual(seen, payloads);
});

test('a cut in the middle of a backlog loses nothing and repeats nothing', async () => {
  const uid = newUser();
  const proxy = await proxied();
  await Promise.all(numbers(500).map((payload) => publish(uid, payload)));
  await until('stored', async () => (await server.redis.waiting(uid)) === 500);
  let cuts = 0;
  const { seen } = connect(
    uid,
    {
      onMessage: async ({ payload }) => {
        seen.push(payload);
        if (seen.length % 100 === 50) {
          cuts++;
          proxy.cut();
        }
        await new Promise(setImmediate);
      },
    },
    proxy.url,
  );
  await until('all', () => seen.length >= 500, 20_000);
  await nothingWaits(uid);
  assert.deepEqual(seen, numbers(500));
  assert.equal(cuts, 5);
});

test('a handler that is at work while the connection is cut is not called twice', async () => {
  const uid = newUser();
  const proxy = await proxied();
  let release;
  const started = [];
  const { client, is, states } = connect(
    uid,
    {
      onMessage: ({ payload }) => {
        started.push(payload);
        return new Promise((resolve) => (release = resolve));
      },
    },
    proxy.url,
  );
  await publish(uid, 'a');
  await until('started', () => started.length === 1);
  proxy.cut();
  await until('waited', () => states.some(({ state }) => state === 'waiting'));
  await until('connected again', () => client.transport && proxy.attempts === 2);
  release();
  await is('ready');
  await nothingWaits(uid);
  assert.deepEqual(started, ['a']);
});

test('a reload does not show again what was handled, though its acknowledgement was lost', async () => {
  const uid = newUser();
  const storage = new MemoryStorage();
  const proxy = await proxied();
  const first = connect(
    uid,
    {
      storage,
      onMessage: ({ payload }) => {
        first.seen.push(payload);
        if (payload === 'b') {
          // the page goes while it is handled: no acknowledgement leaves
          proxy.refusing = true;
          proxy.cut();
        }
      },
    },
    proxy.url,
  );
  await first.is('ready');
  await publish(uid, 'a');
  await until('handled', () => first.seen.length === 1);
  await nothingWaits(uid);
  await publish(uid, 'b');
  await until('handled', () => first.seen.length === 2);
  first.client.close();
  assert.equal(await server.redis.waiting(uid), 1);
  await publish(uid, 'c');
  proxy.refusing = false;
  const second = connect(uid, { storage }, proxy.url);
  await until('there', () => second.seen.length > 0);
  await nothingWaits(uid);
  assert.deepEqual(second.seen, ['c']);
});

test('without storage a reload shows it again, which is what storage is for', async () => {
  const uid = newUser();
  const proxy = await proxied();
  const first = connect(
    uid,
    {
      onMessage: ({ payload }) => {
        first.seen.push(payload);
        proxy.refusing = true;
        proxy.cut();
      },
    },
    proxy.url,
  );
  await first.is('ready');
  await publish(uid, 'a');
  await until('handled', () => first.seen.length === 1);
  first.client.close();
  const second = connect(uid);
  await until('there', () => second.seen.length === 1);
  assert.deepEqual(second.seen, ['a']);
});

test('what is stored is bounded', async () => {
  const uid = newUser();
  const storage = new MemoryStorage();
  const { seen } = connect(uid, { storage });
  await Promise.all(numbers(400).map((payload) => publish(uid, payload)));
  await until('all', () => seen.length === 400);
  await nothingWaits(uid);
  assert.deepEqual(storage.names, [`redmessenger:ws://127.0.0.1:${server.port}/rm:${uid}`]);
  assert.equal(JSON.parse(storage.getItem(storage.names[0])).length, 256);
});

test('a broken storage does not stop messages', async () => {
  const uid = newUser();
  const broken = {
    getItem: () => {
      throw new Error('forbidden');
    },
    setItem: () => Promise.reject(new Error('full')),
  };
  const { seen } = connect(uid, { storage: broken });
  await publish(uid, 'a', 'b');
  await until('all', () => seen.length === 2);
  await nothingWaits(uid);
});

test('two tabs both show what is live, and one of them has the bubble', async () => {
  const uid = newUser();
  const storage = new MemoryStorage();
  const bubbles = [[], []];
  const tabs = bubbles.map((list) =>
    connect(uid, {
      storage,
      onMessage(message) {
        list.push(message.bubble);
      },
    }),
  );
  await Promise.all(tabs.map((tab) => tab.is('ready')));
  for (const payload of numbers(20)) {
    await publish(uid, payload);
  }
  await until('both', () => bubbles.every((list) => list.length === 20));
  bubbles[0].forEach((bubble, i) => assert.notEqual(bubble, bubbles[1][i]));
  await nothingWaits(uid);
});

test('one connection too many replaces the oldest, which does not fight', async () => {
  const uid = newUser();
  const first = connect(uid);
  await first.is('ready');
  const others = [];
  for (let i = 0; i < 2; i++) {
    others.push(connect(uid));
    await others[i].is('ready');
  }
  await first.is('replaced');
  assert.equal(first.states.at(-1).code, 4409);
  assert.equal(first.states.at(-1).error, 'replaced');
  await publish(uid, 'a');
  await until('there', () => others.every(({ seen }) => seen.length === 1));
  assert.equal(first.client.state, 'replaced');
  // on demand it comes back, and pushes out the oldest in turn
  first.client.connect();
  await first.is('ready');
  await others[0].is('replaced');
});

test('a bad user id is refused with the reason, and not tried again', async () => {
  const { states, is } = connect('a b');
  await is('refused');
  assert.equal(states.at(-1).code, 4400);
  assert.match(states.at(-1).message, /user id/);
});

test('it comes back by itself when the server is gone for a while', async () => {
  const uid = newUser();
  const { seen, states, is, client } = connect(uid);
  await is('ready');
  await publish(uid, 'before');
  await until('there', () => seen.length === 1);
  await server.kill();
  await is('waiting');
  assert.equal(states.at(-1).code, 1001);
  const seconds = Number(/retry-after=(\d+)/.exec(states.at(-1).reason)[1]);
  const { retryIn } = states.at(-1);
  assert.ok(retryIn >= seconds * 1_000 && retryIn <= seconds * 1_000 + fast.base, `${retryIn} for ${seconds} s`);
  client.connect();
  await until('tried', () => states.filter(({ state }) => state === 'waiting').length >= 3);
  await server.restart();
  await is('ready');
  await publish(uid, 'after');
  await until('there', () => seen.length === 2);
  assert.deepEqual(seen, ['before', 'after']);
});

test('close ends it', async () => {
  const uid = newUser();
  const { client, seen, states, is } = connect(uid);
  await is('ready');
  client.close();
  assert.equal(client.state, 'closed');
  assert.equal(client.transport, undefined);
  await publish(uid, 'a');
  await until('stored', async () => (await server.redis.waiting(uid)) === 1);
  assert.deepEqual(seen, []);
  assert.equal(states.at(-1).state, 'closed');
});

test('several close within a handler leaves the rest for the next time', async () => {
  const uid = newUser();
  await publish(uid, 'a', 'b', 'c');
  await until('stored', async () => (await server.redis.waiting(uid)) === 3);
  const storage = new MemoryStorage();
  const first = connect(uid, {
    storage,
    onMessage({ payload }) {
      first.seen.push(payload);
      this.close();
    },
  });
  await first.is('closed');
  const second = connect(uid, { storage });
  await nothingWaits(uid);
  assert.deepEqual([first.seen, second.seen], [['a'], ['b', 'c']]);
});

test('where WebSockets are blocked a backlog of 1,000 comes in order by server-sent events, and what is live', async () => {
  const uid = newUser();
  const proxy = await proxied({ blockWebSockets: true });
  await Promise.all(numbers(1_000).map((payload) => publish(uid, payload)));
  await until('stored', async () => (await server.redis.waiting(uid)) === 1_000);
  const { seen, client, states } = connect(uid, { transports: ['websocket', 'sse'] }, proxy.url);
  await until('all', () => seen.length >= 1_000, 20_000);
  assert.equal(client.transport, 'sse');
  await publish(uid, 'live\r\ndata: not forged');
  await until('live', () => seen.length >= 1_001);
  proxy.cut();
  await until('acknowledged', async () => (await server.redis.waiting(uid)) === 0);
  await publish(uid, 'after');
  await until('after', () => seen.length >= 1_002);
  assert.deepEqual(seen, [...numbers(1_000), 'live\r\ndata: not forged', 'after']);
  assert.ok(states.some(({ transport }) => transport === 'sse'));
});

test('by server-sent events, too, two tabs have one bubble, and a bad user is refused with the reason', async () => {
  const uid = newUser();
  const bubbles = [[], []];
  for (const list of bubbles) {
    const tab = connect(uid, { transports: ['sse'], onMessage: ({ bubble }) => void list.push(bubble) });
    await tab.is('ready');
  }
  await publish(uid, 'a');
  await until('both', () => bubbles.every((list) => list.length === 1));
  assert.deepEqual(bubbles, [[true], [false]]);
  const { states, is } = connect('a b', { transports: ['sse'] });
  await is('refused');
  assert.match(states.at(-1).message, /user id/);
});
