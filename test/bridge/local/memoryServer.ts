import { PassThrough } from 'node:stream';
import type { LocalChild } from '../../../src/bridge/local/child.ts';
import { createClientOutput } from '../../../src/bridge/local/clientOutput.ts';
import { readLineMessages } from '../../../src/bridge/local/lineMessage.ts';
import { createLocalRouter } from '../../../src/bridge/local/router.ts';
import type { Token, TokenSource } from '../../../src/sessions/tokenSource.ts';

/** A router between a client and a server that are nothing but lists of lines: no process is started. */
export interface MemoryServer {
  /** Lines that the server got, since it was last started. */
  readonly received: string[];
  /** The token of each process that was started, and whether it was told what the client had told before. */
  readonly starts: (readonly [token: string, again: boolean])[];
  /** What the client was sent. */
  readonly sent: string[];
  readonly logged: string[];
  /** Why the server is gone, where it is. */
  readonly ends: string[];
  readonly router: ReturnType<typeof createLocalRouter>;
  say(line: string): Promise<void>;
  answer(line: string): void;
  tooLong(beginning: string, end: string): void;
  end(error: Error): void;
}

/** @param getToken what the token source does */
export function createMemoryServer(getToken: TokenSource['getToken']): MemoryServer {
  const received: string[] = [];
  const starts: (readonly [string, boolean])[] = [];
  const sent: string[] = [];
  const logged: string[] = [];
  const ends: string[] = [];
  let running: Token | undefined;
  const child: LocalChild = {
    token: () => running,
    remember: () => undefined,
    async start(token, again) {
      running = token;
      received.length = 0;
      starts.push([token.accessToken, again]);
    },
    async send(line) {
      received.push(line.toString());
    },
    pause: () => undefined,
    resume: () => undefined,
    async end() {
      running = undefined;
    },
  };
  const stdout = new PassThrough();
  let text = '';
  stdout.on('data', (chunk: Buffer) => {
    const lines = (text + chunk.toString()).split('\n');
    text = lines.pop() ?? '';
    sent.push(...lines);
  });
  const log = (level: string) => (message: string) => void logged.push(`${level}: ${message}`);
  const router = createLocalRouter({
    command: 'notes',
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    tokenSource: { getToken },
    output: createClientOutput(stdout, child.pause),
    child,
    onEnd: error => ends.push(error.message),
  });
  return {
    received,
    starts,
    sent,
    logged,
    ends,
    router,
    say: line => router.fromClient(Buffer.from(line)),
    answer(line) {
      try {
        for (const message of readLineMessages(Buffer.from(line))) child.onmessage?.(message);
      } catch (error) {
        child.onmistake?.(Buffer.from(line), error);
      }
    },
    tooLong: (beginning, end) => child.ontoolong?.(beginning, end),
    end(error) {
      running = undefined;
      child.onend?.(error);
    },
  };
}
