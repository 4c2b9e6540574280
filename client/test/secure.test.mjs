/** Keys, limits and what is missed, against the real server in secure mode. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { RedMessenger } from '../redmessenger.mjs';
import { startServer, until } from './server.mjs';

let server;
const clients = [];

before(async () => {
  server = await startServer('--secure-mode', '--queue-limit=3');
  for (const uid of ['ann', 'bob']) {
    await server.redis.command('SET', `rm:users:${uid}:key`, `secret:of:${uid}`);
  }
});

after(() => server?.stop());
afterEach(() => clients.splice(0).forEach((client) => client.close()));

function connect(options) {
  const happened = [];
  const client = new RedMessenger(server.url, {
    WebSocket,
    transports: ['websocket'],
    backoff: { base: 20, max: 100 },
    onMessage: ({ payload }) => happened.push(payload),
    onMissed: (count) => happened.push({ missed: count }),
    onState: (state, detail) => happened.push({ state, ...detail }),
    ...options,
  });
  clients.push(client);
  return { client, happened, is: (state) => until(state, () => client.state === state) };
}

test('the right key is let in', async () => {
  const { happened, is } = connect({ uid: 'ann', key: 'secret:of:ann' });
  await is('ready');
  await server.redis.publish('rm.users.ann', 'hello');
  await until('there', () => happened.includes('hello'));
});

for (const key of ['wrong', undefined, 'secret:of:bob']) {
  test(`the key ${key} is refused once and for all, with the reason`, async () => {
    const { happened, is, client } = connect({ uid: 'ann', key });
    await is('refused');
    assert.deepEqual(
      happened.map(({ state }) => state),
      ['connecting', 'refused'],
    );
    assert.equal(happened.at(-1).code, 4401);
    assert.equal(happened.at(-1).error, 'unauthorized');
    assert.match(happened.at(-1).message, /key/);
    client.close();
  });
}

test('a token that is refused is renewed once, then it stops', async () => {
  let asked = 0;
  const { is, happened } = connect({ getToken: async () => `token${++asked}` });
  await is('refused');
  assert.equal(asked, 2);
  assert.equal(happened.at(-1).code, 4401);
});

test('a getToken that fails is asked again', async () => {
  let asked = 0;
  const errors = [];
  const { is } = connect({
    getToken: async () => {
      if (++asked < 4) {
        throw new Error('login server is away');
      }
      return 'token';
    },
    onError: (error) => errors.push(error.message),
  });
  await is('refused');
  assert.equal(asked, 5);
  assert.deepEqual(errors, Array(3).fill('login server is away'));
});

test('what an overflow dropped is told before what is left', async () => {
  for (const payload of ['0', '1', '2', '3', '4']) {
    await server.redis.publish('rm.users.bob', payload);
  }
  await until('stored', async () => (await server.redis.waiting('bob')) === 3);
  const { happened } = connect({ uid: 'bob', key: 'secret:of:bob' });
  await until('all', () => happened.includes('4'));
  assert.deepEqual(happened.slice(1), [{ state: 'ready', pending: 3, transport: 'websocket' }, { missed: 2 }, '2', '3', '4']);
});

test('by server-sent events, too, the right key is let in and a wrong one is refused once and for all', async () => {
  const wrong = connect({ uid: 'ann', key: 'wrong', transports: ['sse'] });
  await wrong.is('refused');
  assert.equal(wrong.happened.at(-1).code, 4401);
  const right = connect({ uid: 'ann', key: 'secret:of:ann', transports: ['sse'] });
  await right.is('ready');
  await server.redis.publish('rm.users.ann', 'by events');
  await until('there', () => right.happened.includes('by events'));
  assert.ok(!wrong.happened.includes('by events'));
});
