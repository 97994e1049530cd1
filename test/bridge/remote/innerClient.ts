import { connect, type ConnectOptions } from '../../../src/bridge/remote/bridge.ts';
import { hearLine } from '../../../src/bridge/remote/stdioMessages.ts';
import { rawOf, type LineTransport } from '../../../src/bridge/remote/transport.ts';
import type { TransportStrategy } from '../../../src/bridge/remote/transportStrategy.ts';
import { environmentTokenSource } from '../../../src/terminal/environmentToken.ts';
import { noConsent } from './consent/noConsent.ts';
import { createLineClient, type LineClient } from './lineClient.ts';

export interface InnerOptions {
  readonly transport?: TransportStrategy;
  readonly ignoreTools?: readonly string[];
  readonly debug?: boolean;
  /** How long the server is waited for. */
  readonly limits?: ConnectOptions['limits'];
}

/**
 * The bridge of `omnispindle connect` in this process, with a token of the person's own and lines for messages: a
 * fiftieth of what a process costs. What its command line and its pipes do is tested with {@link startRawClient}.
 */
export function startInnerClient(
  url: string,
  { transport = 'http-first', ignoreTools = [], debug = false, limits = {} }: InnerOptions = {},
): LineClient {
  let stderr = '';
  const note = (message: string) => {
    stderr += `${message}\n`;
  };
  const started = Promise.withResolvers<undefined>();
  const over = Promise.withResolvers<NodeJS.Signals>();
  const { client, hearing } = createLineClient({
    write: line => void started.promise.then(() => hearLine(end, line)),
    stderr: () => stderr,
    async stop() {
      over.resolve('SIGTERM');
      await bridge;
    },
  });
  const end: LineTransport = {
    start() {
      started.resolve(undefined);
      return Promise.resolve();
    },
    isFull: () => false,
    send(message, options) {
      hearing.read(rawOf(message, options).text);
      hearing.changed();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
    gone: () => over.promise,
  };
  const bridge = connect(end, {
    url: new URL(url),
    tokenSource: environmentTokenSource(
      { token: 'opaque', origin: 'the environment' },
      { verify: () => Promise.resolve(undefined) },
    ),
    audience: { by: 'given' },
    headers: {},
    consent: noConsent,
    userAgent: 'omnispindle/0.0.0',
    transport,
    ignoreTools,
    limits,
    memory: { get: () => Promise.resolve(undefined), set: () => Promise.resolve() },
    log: { debug: debug ? note : () => undefined, info: note, warn: note, error: note },
  });
  void bridge.catch((error: unknown) => {
    hearing.fail(error instanceof Error ? error : new Error(String(error)));
  });
  return client;
}
