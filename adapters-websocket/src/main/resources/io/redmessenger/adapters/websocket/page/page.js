import { RedMessenger } from '/redmessenger.mjs';

const MOST_ENTRIES = 200;

const route = document.documentElement.dataset.route;
const element = (id) => document.getElementById(id);
const uid = element('uid');
const key = element('key');
const target = element('target');
const payload = element('payload');
const log = element('log');

let messenger;
/** How many of the messages to come have waited. */
let backlog = 0;
/** The story of section 3: begun, closed, published, returned. */
let story = 'begun';
const kind = () => document.querySelector('input[name=kind]:checked').value;

// ---- what happened: text is text, whatever is in it

function tag(name, className, ...children) {
  const node = document.createElement(name);
  if (className) {
    node.className = className;
  }
  node.append(...children);
  return node;
}

function enter(className, ...children) {
  element('empty').hidden = true;
  log.prepend(tag('li', className, ...children));
  while (log.children.length > MOST_ENTRIES) {
    log.lastChild.remove();
  }
}

const note = (text, className = '') => enter(className, tag('p', 'note', text));

function duration(millis) {
  const seconds = Math.round(millis / 1_000);
  return seconds < 120 ? `${seconds} s` : seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

function show(message) {
  const waited = backlog > 0;
  backlog = Math.max(0, backlog - 1);
  const age = Math.max(1_000, Date.now() - message.timestamp);
  const [, type, name] = /^rm\.(users|channels)\.(.*)$/.exec(message.source) ?? [];
  const about = tag(
    'p',
    'about',
    tag('span', '', type === 'channels' ? `from channel ${name}` : `to user ${name ?? message.source}`),
    tag('span', '', new Date(message.timestamp).toLocaleTimeString()),
    tag('span', 'why', waited ? `waited ${duration(age)} in the inbox` : 'at once'),
  );
  if (message.bubble) {
    about.append(tag('span', '', 'bubble: this tab notifies'));
  }
  enter(waited ? 'message waited' : 'message', tag('p', 'payload', message.payload || '(empty)'), about);
  element('latest').textContent = `Newest: ${message.payload || '(empty)'}`;
  element('latest').hidden = false;
  if (waited && (story === 'published' || story === 'closed')) {
    advance('returned');
  }
}

// ---- connecting

const EXPLANATIONS = {
  connecting: () => 'Connecting…',
  ready: ({ pending, transport }) =>
    `Connected as ${messenger.uid}${transport === 'sse' ? ' by server-sent events, because WebSockets do not get through' : ''}` +
    (pending > 0 ? `; ${pending} ${pending === 1 ? 'message has' : 'messages have'} waited.` : '; nothing has waited.'),
  waiting: ({ retryIn, message }) =>
    `Connection lost${message ? ` (${message})` : ''}. Trying again in ${duration(Math.max(retryIn, 1_000))}; what is published now waits.`,
  offline: () => 'This computer has no network. Goes on by itself when it is back.',
  closed: () => 'Not connected. What is published now waits in the inbox.',
  refused: ({ message }) => `Refused: ${message}.`,
  replaced: () => 'This tab gave way to a newer one: the user has more connections than conn_limit allows.',
  disconnected: () => 'An operator has disconnected this user.',
};

function stateChanged(state, detail) {
  const text = EXPLANATIONS[state](detail);
  backlog = detail.pending ?? 0;
  element('status').textContent = text;
  element('dot').dataset.state = state;
  if (state !== 'connecting') {
    note(text, ['ready', 'closed'].includes(state) ? '' : 'trouble');
  }
  if (state === 'refused') {
    key.focus();
  }
  refresh();
}

function connect() {
  messenger?.close();
  messenger = new RedMessenger(new URL(route, location.href), {
    uid: uid.value,
    key: key.value || undefined,
    onMessage: show,
    onMissed: (count) => note(`${count} older messages were dropped: the inbox holds only so many (queue_limit).`, 'missed'),
    onState: stateChanged,
  });
}

function leave() {
  if (story === 'begun' || story === 'returned') {
    story = 'closed';
  }
  messenger?.close();
}

function advance(to) {
  story = to;
  refresh();
}

function refresh() {
  const live = messenger !== undefined && !['closed', 'refused', 'replaced', 'disconnected'].includes(messenger.state);
  const step = ['begun', 'closed', 'published', 'returned'].indexOf(story);
  ['story-close', 'story-publish', 'story-return'].forEach((id, i) => {
    element(id).classList.toggle('done', i < step);
    if (i === step) {
      element(id).setAttribute('aria-current', 'step');
    } else {
      element(id).removeAttribute('aria-current');
    }
  });
  const focused = document.activeElement;
  element('leave').disabled = !live;
  element('return').disabled = live || messenger === undefined;
  element('connect').textContent = live ? 'Connect anew' : 'Connect';
  element('return').classList.toggle('next', story === 'published');
  // the keyboard stays where the story goes on
  if (focused === element('leave') && !live) {
    (story === 'closed' ? payload : element('return')).focus();
  } else if (focused === element('return') && live) {
    element('leave').focus();
  }
}

// ---- publishing

function address() {
  return `rm.${kind()}.${target.value}`;
}

/** For a shell; Redis itself takes the text as it is. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function describe() {
  const channel = kind() === 'channels';
  element('target-label').textContent = channel ? 'Channel' : 'User id';
  element('join-row').hidden = !channel;
  element('join').textContent = `Join it as ${uid.value}`;
  element('backend-command').textContent = `PUBLISH ${address()} ${JSON.stringify(payload.value)}`;
  element('second-tab').href = `/?uid=${encodeURIComponent(uid.value)}`;
}

function byHand(why, command) {
  element('by-hand').hidden = false;
  element('by-hand-why').textContent = why;
  element('by-hand-command').textContent = command;
  element('copy').textContent = 'Copy';
}

const REFUSALS = {
  401: 'The HTTP API of this server wants a token (api_token)',
  403: 'The HTTP API of this server answers on its own machine only (api_token is not set)',
  404: 'This server has no HTTP API',
};

async function call(method, path, body, command) {
  element('by-hand').hidden = true;
  let response;
  try {
    response = await fetch(path, { method, body, headers: body === undefined ? {} : { 'Content-Type': 'text/plain' } });
  } catch {
    byHand('The server cannot be reached. With a Redis that is up, type this in a terminal:', command);
    return undefined;
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    const why = REFUSALS[response.status] ?? problem.detail ?? `HTTP ${response.status}`;
    byHand(`${why}. Type this in a terminal; the port of Redis (-p) stands in the line that the server printed:`, command);
    return undefined;
  }
  return response.json().catch(() => ({}));
}

async function publish() {
  const to = address();
  const text = payload.value;
  const path = `/api/v1/${kind()}/${encodeURIComponent(target.value)}/messages`;
  element('outcome').textContent = '';
  const accepted = await call('POST', path, text, `redis-cli PUBLISH ${to} ${quoted(text)}`);
  if (accepted) {
    element('outcome').textContent = explain(accepted);
  }
  if (story === 'closed') {
    advance('published');
  }
}

function explain({ queued, delivered_to: connections, recipients }) {
  if (recipients !== undefined) {
    return recipients === 0
      ? 'Accepted, but this channel has no members: join it first.'
      : `Accepted for ${recipients} ${recipients === 1 ? 'member' : 'members'}.`;
  }
  return queued || connections === 0
    ? `Accepted. ${target.value} is not connected, so it waits in the inbox.`
    : 'Accepted, stored, and on its way.';
}

async function join() {
  const path = `/api/v1/channels/${encodeURIComponent(target.value)}/subscribers/${encodeURIComponent(uid.value)}`;
  element('outcome').textContent = '';
  if (await call('PUT', path, undefined, `redis-cli SADD rm:channels:${target.value}:subscribers ${uid.value}`)) {
    element('outcome').textContent = `${uid.value} is now a member of ${target.value}.`;
  }
}

async function copy() {
  const command = element('by-hand-command');
  try {
    await navigator.clipboard.writeText(command.textContent);
    element('copy').textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(command);
  }
}

// ---- wiring

element('connect-form').addEventListener('submit', (event) => {
  event.preventDefault();
  connect();
});
element('publish-form').addEventListener('submit', (event) => {
  event.preventDefault();
  publish();
});
element('leave').addEventListener('click', leave);
element('return').addEventListener('click', connect);
element('join').addEventListener('click', join);
element('copy').addEventListener('click', copy);
element('clear').addEventListener('click', () => {
  log.replaceChildren();
  element('empty').hidden = false;
  element('latest').hidden = true;
});
let follows = true;
uid.addEventListener('input', () => {
  if (follows && kind() === 'users') {
    target.value = uid.value;
  }
  describe();
});
target.addEventListener('input', () => {
  follows = false;
  describe();
});
payload.addEventListener('input', describe);
document.querySelectorAll('input[name=kind]').forEach((radio) =>
  radio.addEventListener('change', () => {
    target.value = kind() === 'channels' ? 'news' : uid.value;
    follows = true;
    describe();
  }),
);

const asked = new URLSearchParams(location.search).get('uid');
if (asked && /^[A-Za-z0-9._@+-]{1,128}$/.test(asked)) {
  uid.value = asked;
  target.value = asked;
}
const socket = new URL(route, location.href);
socket.protocol = socket.protocol.replace('http', 'ws');
element('socket-address').textContent = socket.href;
element('snippet').textContent = `<script src="${location.origin}/redmessenger.js"></script>
<script>
  const rm = new RedMessenger("${new URL(route, location.href).href}", "user1");
  rm.onMessage = (message) => {
    // text is text: textContent, not innerHTML
    document.body.append(message.payload, document.createElement("br"));
  };
</script>`;
describe();
refresh();
if (asked) {
  connect();
}
