/** What needs no server: addresses, back-off, the browser's network, notifications; and the files that are made. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { WebSocket, WebSocketServer } from 'ws';
import { RedMessenger, addresses, backoff } from '../redmessenger.mjs';
import { until } from './server.mjs';

const here = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const cleanups = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

/** A server that does with each connection what the test wants. */
async function startSockets(onIdentify) {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(sockets, 'listening');
  const server = { connections: 0, identities: [] };
  sockets.on('connection', (socket) => {
    server.connections++;
    socket.once('message', (text) => {
      server.identities.push(JSON.parse(text));
      onIdentify(socket, server.connections);
    });
  });
  server.url = `ws://127.0.0.1:${sockets.address().port}`;
  cleanups.push(async () => {
    sockets.clients.forEach((client) => client.terminate());
    sockets.close();
    await once(sockets, 'close');
  });
  return server;
}

function connect(url, options = {}) {
  const states = [];
  const client = new RedMessenger(url, {
    uid: 'ann',
    WebSocket,
    transports: ['websocket'],
    backoff: { base: 20, max: 100 },
    onMessage: () => {},
    onState: (state, detail) => states.push({ state, ...detail }),
    ...options,
  });
  cleanups.push(() => client.close());
  return { client, states, is: (state) => until(state, () => client.state === state) };
}

const ready = (socket) => socket.send('{"type":"ready","uid":"ann","pending":0}');

function pretend(name, value) {
  const saved = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  cleanups.push(() => {
    if (saved) {
      Object.defineProperty(globalThis, name, saved);
    } else {
      delete globalThis[name];
    }
  });
}

/** A browser's events. */
function pretendEvents() {
  const target = new EventTarget();
  pretend('addEventListener', target.addEventListener.bind(target));
  pretend('removeEventListener', target.removeEventListener.bind(target));
  return (name) => target.dispatchEvent(new Event(name));
}

test('the classic script is what the module makes', () => {
  execFileSync(process.execPath, [here('build.mjs'), '--check']);
});

test('the classic script defines one global, and can be required', () => {
  const page = { console, URL };
  runInNewContext(readFileSync(here('redmessenger.js'), 'utf8'), page);
  assert.deepEqual(Object.keys(page), ['console', 'URL', 'RedMessenger']);
  assert.equal(createRequire(import.meta.url)('../redmessenger.js').RedMessenger.name, 'RedMessenger');
});

test('the types fit the code', () => {
  const program = here('test/types.ts');
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom', program], {
    stdio: 'inherit',
  });
});

test('the package has what it promises, and no dependencies', () => {
  const it = JSON.parse(readFileSync(here('package.json'), 'utf8'));
  assert.equal(it.dependencies, undefined);
  assert.match(readFileSync(here('redmessenger.mjs'), 'utf8'), /^(?!.*\bimport\b.*\bfrom\b)/s);
  for (const name of it.files) {
    readFileSync(here(name));
  }
});

test('addresses', () => {
  const of = (url, page) => Object.values(addresses(url, page)).slice(0, 2);
  const plain = ['ws://h:8080/rm', 'http://h:8080/rm/events'];
  for (const url of ['http://h:8080', 'http://h:8080/', 'ws://h:8080', 'http://h:8080/rm', 'ws://h:8080/rm/', 'http://h:8080#x']) {
    assert.deepEqual(of(url), plain, url);
  }
  assert.deepEqual(of('https://h/push/me'), ['wss://h/push/me', 'https://h/push/me/events']);
  assert.deepEqual(of('wss://h/a?b=c'), ['wss://h/a?b=c', 'https://h/a/events?b=c']);
  assert.deepEqual(of('/rm', 'https://h/page.html'), ['wss://h/rm', 'https://h/rm/events']);
  assert.deepEqual(of('', 'https://h/'), ['wss://h/rm', 'https://h/rm/events']);
  assert.throws(() => addresses('ftp://h'), TypeError);
  assert.throws(() => addresses('h:8080'), TypeError);
  assert.throws(() => addresses('nonsense'), TypeError);
});

test('what is missing is said at once', () => {
  assert.throws(() => new RedMessenger('ws://h', {}), /uid, a token or getToken/);
  assert.throws(() => new RedMessenger('ws://h'), /uid, a token or getToken/);
  assert.throws(() => new RedMessenger('ws://h', { uid: 'a', WebSocket: undefined, fetch: undefined }), /no transport/);
});

test('the back-off has full jitter and a bound', () => {
  const limits = { base: 1_000, max: 30_000 };
  for (let attempt = 0; attempt < 2_000; attempt++) {
    const most = Math.min(30_000, 1_000 * 2 ** attempt);
    assert.equal(backoff(attempt, limits, () => 0), 0);
    assert.equal(backoff(attempt, limits, () => 0.5), Math.floor(most / 2));
    assert.ok(backoff(attempt, limits, () => 0.999_999) < most);
  }
  const spread = new Set(Array.from({ length: 100 }, () => backoff(5, limits)));
  assert.ok(spread.size > 80);
});

test('attempts against a server that turns everybody away back off', async () => {
  const server = await startSockets((socket) => {
    ready(socket);
    socket.close(1011, 'internal');
  });
  const { states } = connect(server.url, { random: () => 0.999 });
  const pauses = await until('five', () => {
    const list = states.filter(({ state }) => state === 'waiting').map(({ retryIn }) => retryIn);
    return list.length >= 5 && list;
  });
  // a connection that is ready for a moment only does not begin anew
  assert.deepEqual(pauses.slice(0, 5), [19, 39, 79, 99, 99]);
});

test('1013 means later', async () => {
  const server = await startSockets((socket) => socket.close(1013, 'store unavailable'));
  const { states, is } = connect(server.url, { random: () => 0.999 });
  await is('waiting');
  assert.equal(states.at(-1).retryIn, 79);
});

test('retry-after is kept, with a little jitter, and bounded', async () => {
  for (const [reason, from, to] of [
    ['retry-after=3', 3_000, 3_020],
    ['retry-after=999999999', 3_600_000, 3_600_020],
    ['retry-after=x', 0, 20],
  ]) {
    const server = await startSockets((socket) => socket.close(1001, reason));
    const { states, client } = connect(server.url);
    await until(reason, () => states.some(({ state }) => state === 'waiting'));
    client.close();
    const { retryIn } = states.find(({ state }) => state === 'waiting');
    assert.ok(retryIn >= from && retryIn <= to, `${reason}: ${retryIn}`);
  }
});

test('an operator who disconnects is obeyed', async () => {
  const server = await startSockets((socket) => socket.close(4440, 'disconnected by an operator'));
  const { is, client } = connect(server.url);
  await is('disconnected');
  assert.equal(server.connections, 1);
  client.connect();
  await until('again', () => server.connections === 2);
});

test('a token that runs out on a live connection is renewed', async () => {
  const server = await startSockets((socket, number) => {
    ready(socket);
    if (number === 1) {
      setImmediate(() => socket.close(4401, 'token expired'));
    }
  });
  let asked = 0;
  const { states, client } = connect(server.url, { uid: undefined, getToken: () => `t${++asked}` });
  await until('again', () => server.connections === 2 && client.state === 'ready');
  assert.deepEqual(server.identities, [
    { type: 'identify', token: 't1', ack: 'explicit' },
    { type: 'identify', token: 't2', ack: 'explicit' },
  ]);
  assert.equal(client.uid, 'ann');
  assert.ok(!states.some(({ state }) => state === 'refused'));
});

test('nonsense from a server is left alone', async () => {
  const server = await startSockets((socket) => {
    ready(socket);
    for (const text of ['no json', '[]', 'null', '7', '{"type":"news"}', '{"payload":7,"id":"x"}', '{"payload":"no id"}']) {
      socket.send(text);
    }
    socket.send('{"id":"1","source":"rm.users.ann","timestamp":1,"bubble":false,"payload":"good"}');
  });
  const seen = [];
  connect(server.url, { onMessage: ({ payload }) => seen.push(payload) });
  await until('there', () => seen.length > 0);
  assert.deepEqual(seen, ['good']);
});

test('a handler of states may throw, and may close', async () => {
  const server = await startSockets(ready);
  const errors = [];
  const { client } = connect(server.url, {
    onState(state) {
      if (state === 'ready') {
        this.close();
        throw new Error('oops');
      }
    },
    onError: (error) => errors.push(error.message),
  });
  await until('closed', () => client.state === 'closed');
  assert.deepEqual(errors, ['oops']);
});

test('a subclass may override the handlers', async () => {
  const server = await startSockets((socket) => {
    ready(socket);
    socket.send('{"type":"missed","count":2}');
    socket.send('{"id":"1","source":"rm.users.ann","timestamp":1,"bubble":false,"payload":"p"}');
  });
  const happened = [];
  class Mine extends RedMessenger {
    onMessage(message) {
      happened.push(message.payload);
    }

    onMissed(count) {
      happened.push(count);
    }

    onState(state) {
      happened.push(state);
    }
  }
  const client = new Mine(server.url, { uid: 'ann', WebSocket, transports: ['websocket'] });
  cleanups.push(() => client.close());
  await until('all', () => happened.length === 4);
  assert.deepEqual(happened, ['connecting', 'ready', 2, 'p']);
});

// ---- the browser's network

test('offline it waits for the network instead of trying', async () => {
  const fire = pretendEvents();
  const network = { onLine: false };
  pretend('navigator', network);
  const attempts = [];
  class Counting extends WebSocket {
    constructor(address) {
      attempts.push(address);
      super('ws://127.0.0.1:9', { timeout: 1 });
    }
  }
  const { is } = connect('ws://push.example', { WebSocket: Counting });
  await is('offline');
  assert.deepEqual(attempts, []);
  network.onLine = true;
  fire('online');
  await until('tried', () => attempts.length > 0);
  assert.equal(attempts[0], 'ws://push.example/rm');
  await is('waiting');
  network.onLine = false;
  fire('offline');
  await is('offline');
});

test('a server on this machine is reached without a network', async () => {
  pretendEvents();
  pretend('navigator', { onLine: false });
  const server = await startSockets(ready);
  await connect(server.url).is('ready');
});

test('the network that comes back ends a long pause', async () => {
  const fire = pretendEvents();
  const server = await startSockets((socket, number) => (number === 1 ? socket.close(1001, 'retry-after=3000') : ready(socket)));
  const { is } = connect(server.url);
  await is('waiting');
  fire('online');
  await is('ready');
});

// ---- notifications

function pretendNotifications(permission) {
  const shown = [];
  const asked = [];
  class Notification {
    static permission = permission;

    static async requestPermission() {
      asked.push(true);
      Notification.permission = 'granted';
      return 'granted';
    }

    constructor(title, options) {
      shown.push({ title, ...options });
    }
  }
  pretend('Notification', Notification);
  return { shown, asked };
}

const messages = (...list) => (socket) => {
  ready(socket);
  list.forEach(([id, bubble, payload]) =>
    socket.send(JSON.stringify({ id, source: 'rm.users.ann', timestamp: 1, bubble, payload })),
  );
};

test('a hidden page shows a notification for a message with the bubble, as text', async () => {
  const { shown, asked } = pretendNotifications('granted');
  pretend('document', { hidden: true, title: 'Shop' });
  const server = await startSockets(messages(['1', true, '<b>bold</b>'], ['2', false, 'no bubble'], ['1', true, 'twice'], ['3', true, 'c']));
  const { is } = connect(server.url, { notifications: true });
  await is('ready');
  await until('shown', () => shown.length >= 2);
  assert.deepEqual(shown, [
    { title: 'Shop', body: '<b>bold</b>', tag: '1' },
    { title: 'Shop', body: 'c', tag: '3' },
  ]);
  assert.deepEqual(asked, []);
});

for (const [why, permission, document, options] of [
  ['the page is visible', 'granted', { hidden: false }, { notifications: true }],
  ['the user was not asked', 'default', { hidden: true }, { notifications: true }],
  ['the user said no', 'denied', { hidden: true }, { notifications: true }],
  ['nobody wants any', 'granted', { hidden: true }, {}],
  ['the function says so', 'granted', { hidden: true }, { notifications: () => null }],
]) {
  test(`no notification when ${why}, and nobody is asked by itself`, async () => {
    const { shown, asked } = pretendNotifications(permission);
    pretend('document', document);
    const server = await startSockets(messages(['1', true, 'a'], ['2', true, 'b']));
    const seen = [];
    connect(server.url, { ...options, onMessage: ({ id }) => seen.push(id) });
    await until('both', () => seen.length === 2);
    await new Promise(setImmediate);
    assert.deepEqual([shown, asked], [[], []]);
  });
}

test('permission is asked for on a gesture only', async () => {
  const { asked } = pretendNotifications('default');
  const activation = { isActive: false };
  pretend('navigator', { onLine: true, userActivation: activation });
  const server = await startSockets(ready);
  const { client } = connect(server.url, { notifications: true });
  assert.equal(await client.requestNotifications(), 'default');
  assert.deepEqual(asked, []);
  activation.isActive = true;
  assert.equal(await client.requestNotifications(), 'granted');
  assert.deepEqual(asked, [true]);
});

test('a service worker shows notifications by its registration, unless a page is visible', async () => {
  pretendNotifications('granted');
  const shown = [];
  let windows = [{ visibilityState: 'visible' }];
  pretend('registration', { showNotification: async (title, options) => shown.push({ title, ...options }) });
  pretend('clients', { matchAll: async () => windows });
  let socketOfServer;
  const server = await startSockets((socket) => {
    socketOfServer = socket;
    messages(['1', true, 'seen'])(socket);
  });
  const seen = [];
  connect(server.url, {
    onMessage: ({ id }) => seen.push(id),
    notifications: ({ source }) => ({ title: source, icon: '/icon.png' }),
  });
  await until('handled', () => seen.length === 1);
  await new Promise(setImmediate);
  windows = [];
  socketOfServer.send(JSON.stringify({ id: '2', source: 'rm.users.ann', timestamp: 1, bubble: true, payload: 'unseen' }));
  await until('shown', () => shown.length === 1);
  assert.deepEqual(shown, [{ title: 'rm.users.ann', body: 'unseen', tag: '2', icon: '/icon.png' }]);
});
