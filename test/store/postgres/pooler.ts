import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';

/** What PgBouncer takes at the start of a connection (its configuration, `ignore_startup_parameters`), by default. */
const taken = ['user', 'database', 'client_encoding', 'application_name', 'DateStyle', 'TimeZone'];

/** A stand-in for PgBouncer in transaction mode. */
export interface Pooler extends AsyncDisposable {
  /** The database's address by way of it. */
  readonly url: string;
  /** What it did not like. */
  readonly complaints: readonly string[];
  /** Asks each of its connections to the database something. */
  ask(statement: string): Promise<unknown[]>;
}

/** A connection to the database, which one client after the other has for a transaction. */
interface Backend {
  readonly client: pg.Client;
  readonly socket: Socket;
  /** Hears what the database says. */
  hear(data: Buffer): void;
}

/** A message of the protocol: its type, then its length without that, then the rest (Postgres documentation, 53.7). */
function message(type: string, ...parts: readonly (number | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map(part => {
      if (typeof part === 'string') return Buffer.from(part);
      const number = Buffer.alloc(4);
      number.writeInt32BE(part);
      return number;
    }),
  );
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Cuts bytes into messages. @returns hears more of them */
function messagesOf(hear: (type: string, whole: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  return data => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const whole = rest.subarray(0, rest.readInt32BE(1) + 1);
      rest = rest.subarray(whole.length);
      hear(String.fromCharCode(whole[0] ?? 0), whole);
    }
  };
}

/** The parameters of a connection's start. */
function startOf(data: Buffer): Record<string, string> {
  const words = data.subarray(8, -2).toString().split('\0');
  return Object.fromEntries(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1] ?? '']] : [])));
}

/**
 * Starts one: it gives each transaction of a client another connection to the database, of so many, and refuses what has
 * no meaning then.
 */
export async function startPooler(databaseUrl: string, size = 2): Promise<Pooler> {
  const complaints: string[] = [];
  const free: Backend[] = [];
  const all: Backend[] = [];
  const waiting: ((backend: Backend) => void)[] = [];
  for (let i = 0; i < size; i++) {
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    const { stream: socket } = (client as unknown as { connection: { stream: Socket } }).connection;
    const backend: Backend = { client, socket, hear: () => undefined };
    free.push(backend);
    all.push(backend);
  }
  const own = new Map(
    all.map(({ socket }) => [socket, socket.listeners('data') as ((data: Buffer) => void)[]]),
  );
  for (const backend of all) {
    backend.socket.removeAllListeners('data');
    backend.socket.on('data', (data: Buffer) => {
      backend.hear(data);
    });
  }
  const take = () => {
    const backend = free.shift();
    return backend ? Promise.resolve(backend) : new Promise<Backend>(resolve => waiting.push(resolve));
  };
  const give = (backend: Backend) => {
    const next = waiting.shift();
    if (next) next(backend);
    else free.push(backend);
  };

  function serve(socket: Socket): void {
    socket.setNoDelay(true);
    let backend: Promise<Backend> | undefined;
    async function forward(whole: Buffer): Promise<void> {
      backend ??= take().then(taken => {
        const hear = messagesOf((type, said) => {
          socket.write(said);
          if (type !== 'Z' || said[5] !== 'I'.charCodeAt(0)) return;
          backend = undefined;
          give(taken);
        });
        return Object.assign(taken, { hear });
      });
      (await backend).socket.write(whole);
    }
    const hear = messagesOf((type, whole) => {
      if (type === 'X') return socket.end();
      if (type === 'P' && whole[5] !== 0) complaints.push('a statement with a name');
      void forward(whole);
    });
    socket.on('error', () => undefined);
    socket.once('data', (start: Buffer) => {
      const unknown = Object.keys(startOf(start)).find(name => !taken.includes(name));
      if (unknown !== undefined) {
        complaints.push(unknown);
        const text = `unsupported startup parameter: ${unknown}`;
        socket.end(message('E', `SFATAL\0VFATAL\0C08P01\0M${text}\0\0`));
        return;
      }
      socket.write(Buffer.concat([message('R', 0), message('K', 1, 1), message('Z', 'I')]));
      socket.on('data', hear);
    });
  }

  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    complaints,
    async ask(statement) {
      const answers: unknown[] = [];
      for (const { client, socket } of all) {
        socket.removeAllListeners('data');
        for (const listener of own.get(socket) ?? []) socket.on('data', listener);
        const { rows } = await client.query<Record<string, unknown>>(statement);
        answers.push(Object.values(rows[0] ?? {})[0]);
      }
      return answers;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const { client } of all) await client.end();
    },
  };
}
