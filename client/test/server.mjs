/** The real server for the tests: the jar, with its own Redis; and a proxy that can be cut. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const JAR = process.env.REDMESSENGER_JAR ?? fileURLToPath(new URL('../../bootstrap/target/redmessenger.jar', import.meta.url));
const LISTENING = /^RedMessenger listening on (http:\/\/127\.0\.0\.1:(\d+)) .*redis:\/\/127\.0\.0\.1:(\d+)/;

function java() {
  const home = process.env.JAVA_HOME;
  return home ? join(home, 'bin', 'java') : 'java';
}

/** Starts a server on free ports. Without a jar the tests fail: they are about the two together. */
export async function startServer(...flags) {
  if (!existsSync(JAR)) {
    throw new Error(
      `no server to test against: ${JAR} does not exist. Build it with: mvn -B -ntp -pl bootstrap -am package -DskipTests` +
        ' (or name a jar in REDMESSENGER_JAR)',
    );
  }
  const data = mkdtempSync(join(tmpdir(), 'redmessenger-client-'));
  const running = await launch(data, 0, flags);
  return {
    ...running,
    redis: await connectToRedis(running.redisPort),
    async stop() {
      await this.redis.close();
      await this.kill();
      rmSync(data, { recursive: true, force: true });
    },
    /** Ends the server, and returns once it has: clients are told to come back. */
    async kill() {
      this.process.kill('SIGTERM');
      await this.exited;
    },
    /** On the same port and data. */
    async restart() {
      await this.redis.close();
      Object.assign(this, await launch(data, this.port, flags));
      this.redis = await connectToRedis(this.redisPort);
    },
  };
}

async function launch(data, port, flags) {
  const server = spawn(
    java(),
    ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-jar', JAR, 'serve', '--ws-port', port, '--data-dir', data, ...flags].map(String),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  server.stderr.on('data', (bytes) => (log += bytes));
  const exited = once(server, 'exit');
  const lines = createInterface({ input: server.stdout });
  const [line] = await Promise.race([
    once(lines, 'line', { signal: AbortSignal.timeout(60_000) }),
    exited.then(() => {
      throw new Error(`the server did not start:\n${log}`);
    }),
  ]);
  const [, url, ws, redis] = LISTENING.exec(line) ?? [];
  if (!url) {
    throw new Error(`the server says: ${line}\n${log}`);
  }
  return { process: server, exited, url, port: Number(ws), redisPort: Number(redis) };
}

/** As much of a Redis client as the tests need (RESP2). */
async function connectToRedis(port) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const waiting = [];
  let bytes = Buffer.alloc(0);
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more]);
    for (let reply = parse(bytes, 0); reply; reply = parse(bytes, 0)) {
      bytes = bytes.subarray(reply.end);
      const { resolve, reject } = waiting.shift();
      if (reply.value instanceof Error) {
        reject(reply.value);
      } else {
        resolve(reply.value);
      }
    }
  });
  const command = (...words) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      const parts = words.map((word) => Buffer.from(String(word)));
      socket.write(
        Buffer.concat([
          Buffer.from(`*${parts.length}\r\n`),
          ...parts.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, Buffer.from('\r\n')]),
        ]),
      );
    });
  return {
    command,
    publish: async (to, payload) => {
      if ((await command('PUBLISH', to, payload)) === 0) {
        throw new Error('nobody listens');
      }
    },
    waiting: (user) => command('LLEN', `rm:users:${user}:messages`),
    close: async () => {
      socket.destroy();
    },
  };
}

function parse(bytes, from) {
  const line = bytes.indexOf('\r\n', from);
  if (line < 0) {
    return undefined;
  }
  const text = bytes.toString('utf8', from + 1, line);
  const end = line + 2;
  switch (String.fromCharCode(bytes[from])) {
    case ':':
      return { value: Number(text), end };
    case '+':
      return { value: text, end };
    case '-':
      return { value: new Error(text), end };
    case '$': {
      const length = Number(text);
      if (length < 0) {
        return { value: null, end };
      }
      return bytes.length < end + length + 2
        ? undefined
        : { value: bytes.toString('utf8', end, end + length), end: end + length + 2 };
    }
    default:
      throw new Error(`not expected from Redis: ${text}`);
  }
}

/** Passes bytes between a client and the server, until it is cut; and can refuse WebSockets, as some networks do. */
export async function startProxy(port, { blockWebSockets = false } = {}) {
  const pairs = new Set();
  const proxy = {
    attempts: 0,
    refusing: false,
    cut() {
      pairs.forEach((socket) => socket.destroy());
    },
  };
  const listener = createServer((client) => {
    proxy.attempts++;
    if (proxy.refusing) {
      client.destroy();
      return;
    }
    const server = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      pairs.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        pairs.delete(one);
        other.destroy();
      });
    }
    server.pipe(client);
    client.on('data', (bytes) => {
      if (blockWebSockets && /^upgrade: *websocket/im.test(bytes.toString('latin1'))) {
        client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      } else {
        server.write(bytes);
      }
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  proxy.url = `http://127.0.0.1:${listener.address().port}`;
  proxy.close = async () => {
    listener.close();
    proxy.cut();
    await once(listener, 'close');
  };
  return proxy;
}

/** Waits until it is so, or fails after ten seconds. */
export async function until(what, condition, millis = 10_000) {
  const limit = Date.now() + millis;
  for (;;) {
    const value = await condition();
    if (value) {
      return value;
    }
    if (Date.now() > limit) {
      throw new Error(`not so within ${millis} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What a page's localStorage does; shared by what stands for the tabs of a browser. */
export class MemoryStorage {
  #values = new Map();

  getItem(name) {
    return this.#values.get(name) ?? null;
  }

  setItem(name, value) {
    this.#values.set(name, String(value));
  }

  get names() {
    return [...this.#values.keys()];
  }
}
