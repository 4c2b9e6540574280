// One client, as its users write it: node client.mjs CLIENT TRANSPORT URL UID KEY
// Writes what happens as lines of JSON: {"event":"identified"}, {"event":"message","message":{…}}, {"event":"refused"}.
import { createRequire } from 'node:module';

const [client, transport, url, uid, key] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const say = (event, more) => process.stdout.write(JSON.stringify({ event, ...more }) + '\n');

function socketIo() {
  const module = require(client);
  const io = module.io ?? module;
  const transports = transport === 'default' ? {} : { transports: [transport] };
  const socket = io(`${url}/rm`, { ...transports, reconnectionDelay: 100, reconnectionDelayMax: 300 });
  socket.on('connect', () => {
    socket.emit('identifier', `${uid}:${key}`, (answer) => {
      say(answer.ok ? 'identified' : 'refused', { answer });
    });
  });
  socket.on('message', (message) => say('message', { message }));
  socket.on('rm_error', (error) => say('error', { error }));
  socket.on('disconnect', (reason) => say('disconnected', { reason }));
  const engine = socket.io.engine;
  engine.on('upgrade', (upgraded) => say('upgraded', { transport: upgraded.name }));
}

async function eventSource() {
  const { EventSource } = await import('eventsource');
  const source = new EventSource(`${url}/rm/events?uid=${uid}&token=${encodeURIComponent(key)}`);
  source.addEventListener('ready', () => say('identified'));
  source.addEventListener('message', (event) => say('message', { message: JSON.parse(event.data) }));
  source.addEventListener('error', (error) => say(error.code === 401 ? 'refused' : 'disconnected'));
}

function webSocket() {
  const WebSocket = require('ws');
  const connect = () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/rm`);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'identify', uid, key })));
    socket.on('message', (data) => {
      const frame = JSON.parse(data);
      if (frame.type === undefined) {
        say('message', { message: frame });
      } else if (frame.type === 'ready') {
        say('identified');
      }
    });
    socket.on('error', () => {});
    socket.on('close', (code) => (code === 4401 ? say('refused') : setTimeout(connect, 100)));
  };
  connect();
}

async function redMessenger() {
  const { RedMessenger } = await import('../../../../client/redmessenger.mjs');
  const WebSocket = transport === 'sse' ? null : require('ws');
  new RedMessenger(url, {
    uid,
    key,
    WebSocket,
    onMessage: (message) => say('message', { message }),
    onState: (state) => {
      if (state === 'ready' || state === 'refused') {
        say(state === 'ready' ? 'identified' : 'refused');
      }
    },
  });
}

const clients = { eventsource: eventSource, ws: webSocket, redmessenger: redMessenger };
await (clients[client] ?? socketIo)();
