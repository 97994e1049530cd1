export type Json = Record<string, unknown>;

/** A client without an SDK, which sees a bridge line by line. */
export interface LineClient {
  /** Every message so far, as it came; a line that is none fails the test that waits for the next. */
  readonly messages: Json[];
  /** The lines they came as. */
  readonly lines: string[];
  /** What was written for people so far. */
  stderr(): string;
  /** Sends a line, or a message. */
  send(message: Json | string): void;
  /** Waits for the answer to that id. */
  answer(id: unknown): Promise<Json>;
  /** Sends a request. @returns its answer */
  call(method: string, params?: unknown): Promise<Json>;
  /** Begins the session, as clients do. @returns the answer to `initialize` */
  begin(): Promise<Json>;
  /** Waits until it is so; looked at after each message. */
  until(isSo: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** The two ends of a bridge's client, wherever the bridge runs. */
export interface LineEnds {
  /** Passes a line on. */
  write(line: string): void;
  stderr(): string;
  stop(): Promise<void>;
}

/** What hears the bridge. */
export interface LineHearing {
  /** A line came. */
  read(line: string): void;
  /** Something came. */
  changed(): void;
  /** Nothing more will come. */
  fail(error: Error): void;
}

/** Makes a client of its ends. @returns it, and what hears the bridge */
export function createLineClient({ write, ...ends }: LineEnds): { client: LineClient; hearing: LineHearing } {
  const messages: Json[] = [];
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  let failure: Error | undefined;
  let lastId = 0;

  const hearing: LineHearing = {
    changed() {
      for (const listener of listeners) listener();
    },
    fail(error) {
      failure ??= error;
      hearing.changed();
    },
    read(line) {
      try {
        messages.push(JSON.parse(line) as Json);
        lines.push(line);
      } catch {
        hearing.fail(new Error(`This is no message: ${line.slice(0, 200)}`));
      }
    },
  };

  const client: LineClient = {
    messages,
    lines,
    ...ends,
    send(message) {
      write(typeof message === 'string' ? message : JSON.stringify(message));
    },
    async until(isSo) {
      while (!isSo()) {
        if (failure) throw failure;
        const { promise, resolve } = Promise.withResolvers<undefined>();
        const listener = () => {
          resolve(undefined);
        };
        listeners.add(listener);
        await promise;
        listeners.delete(listener);
      }
    },
    async answer(id) {
      const find = () => messages.find(message => message['id'] === id && !('method' in message));
      await client.until(() => find() !== undefined);
      return find() ?? {};
    },
    call(method, params = {}) {
      const id = ++lastId;
      client.send({ jsonrpc: '2.0', id, method, params });
      return client.answer(id);
    },
    async begin() {
      const answer = await client.call('initialize', {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'raw', version: '1' },
      });
      client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
      return answer;
    },
  };
  return { client, hearing };
}
