import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { TokenSource } from '../../sessions/tokenSource.ts';
import { clientGone } from '../../mcp/clientGone.ts';
import type { ListMemory } from '../lobby/memory.ts';
import { createLocalChild, type LocalChildOptions } from './child.ts';
import { createClientOutput } from './clientOutput.ts';
import { longestLine } from './lineMessage.ts';
import { createLocalFront } from './localFront.ts';
import { createLocalRouter } from './router.ts';
import { listenToLines } from '../../mcp/stdioLines.ts';

/** How the server is started, and where its tokens come from. */
export interface LocalServerOptions extends LocalChildOptions {
  readonly tokenSource: TokenSource;
  /** Whether the server asks for each token by itself. */
  asksItself?(): boolean;
  /** The server, as the person knows it; by its command where absent. */
  readonly name?: string | undefined;
  /** What the server listed; absent where nobody can sign in. */
  readonly listMemory?: ListMemory | undefined;
}

/** How long (ms) calls may take to end when the client says no more, and it to read what they were answered. */
const farewellLimit = 2_000;
const lookEvery = 25;

/**
 * Runs a stdio server that reads its token from its environment, at its start only. Before the token ends,
 * and whenever another one counts, the server is started again while none of its calls is under way, and is
 * told what the client told the one before; the client sees one server that never stops. A server that asks for each
 * token by itself is started once. Messages pass as they came,
 * whatever revision of MCP they are of.
 * Ends when the client goes away or the server does.
 * @throws Error where the server cannot be started or has ended by itself
 */
export async function runLocalServer(options: LocalServerOptions): Promise<void> {
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  const child = createLocalChild(options);
  const stdout = createClientOutput(process.stdout, child.pause);
  const { listMemory } = options;
  const front =
    listMemory && createLocalFront({ ...options, listMemory, stdout, pass: line => router.fromClient(line) });
  const output = front?.output ?? stdout;
  const router = createLocalRouter({ ...options, output, child, onEnd: ended.reject });
  const gone = clientGone();
  listenToLines({
    onLine: front?.fromClient ?? router.fromClient,
    onTooLong: router.clientTooLong,
    onDrain: router.wake,
    longest: longestLine,
  });
  let signal: NodeJS.Signals | undefined;
  try {
    signal = await Promise.race([gone, ended.promise]);
    // It may have said all it had to say, and still read.
    if (signal === undefined) await Promise.race([lastAnswers(), ended.promise]);
  } catch (error) {
    if (process.stdout.writableNeedDrain) {
      await Promise.race([gone, once(process.stdout, 'drain'), delay(farewellLimit)]);
    }
    throw error;
  } finally {
    await Promise.all([router.close(signal), front?.close()]);
    // It would keep this process alive.
    process.stdin.destroy();
  }

  async function lastAnswers(): Promise<void> {
    const end = performance.now() + farewellLimit;
    const isBusy = () => router.isBusy() || front?.isBusy() === true;
    while (isBusy() && process.stdout.writable && performance.now() < end) await delay(lookEvery);
  }
}
