import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { clientGone } from '../../mcp/clientGone.ts';
import { authorizedRequest, type AuthorizedRequestOptions } from './authorizedRequest.ts';
import type { ClientEnd, LineClient } from './clientEnd.ts';
import type { Era } from './eras/era.ts';
import { createFinder } from './eras/finder.ts';
import type { EraMemory } from './eras/memory.ts';
import { createPairings } from './eras/pairings.ts';
import { explain } from './explain.ts';
import { ignoredTools } from './ignoredTools.ts';
import { createIntake } from '../../mcp/intake.ts';
import { lastAnswers } from './lastAnswers.ts';
import { idAtEitherEnd } from '../../mcp/lineReader.ts';
import { NoMessageError } from '../../mcp/message.ts';
import { createRelay } from './relay.ts';
import type { ServerEnd, ServerEndOptions } from './serverEnd.ts';
import { createSession, type SessionOptions } from './session.ts';
import { createStatelessServer } from './stateless/statelessServer.ts';

/** The server of one `connect`, and what the person says about it. */
export interface ConnectOptions extends AuthorizedRequestOptions, Pick<SessionOptions, 'transport' | 'log'> {
  /** Names of tools to hide and refuse; `*` stands for any characters. */
  readonly ignoreTools: readonly string[];
  /** Which era the server was of. */
  readonly memory: EraMemory;
}

/** How long (ms) the server may take to hear that the client is gone. */
const farewellLimit = 2_000;

/**
 * Passes every message between a client and a remote server, each request with a token that is valid now; as it came,
 * where both are of the same era. Ends when the client goes away.
 */
export async function connect(client: ClientEnd<LineClient>, options: ConnectOptions): Promise<void> {
  const { url, transport, log, memory } = options;
  const tools = ignoredTools(options.ignoreTools);
  const intake = createIntake(client.isFull);
  const request = await authorizedRequest(options);
  /** What the client says and the server has not taken yet. */
  const turns = new Set<Promise<void>>();
  const onNonsense = (error: unknown) => {
    log.debug(`The server sent what is no message: ${String(error)}`);
  };
  const pairings = createPairings({
    client,
    url,
    log,
    finder: createFinder({ url, request, intake, onNonsense, memory, transport }),
    relay: (era, end, takenOver) =>
      createRelay({
        client: end,
        url,
        log,
        tools,
        intake,
        takenOver,
        serverEnd: hooks => serverEndOf(era, { url, request, intake, log, ...hooks }),
      }),
  });

  function serverEndOf(era: Era, given: ServerEndOptions): ServerEnd {
    return era === 'modern' ? createStatelessServer(given) : createSession({ ...given, transport });
  }

  const over = clientGone();
  client.listen({
    onMessage(message) {
      const turn = pairings.fromClient(message).catch((error: unknown) => {
        log.warn(explain(error, url));
      });
      turns.add(turn);
      return turn.finally(() => turns.delete(turn));
    },
    onMistake(error) {
      log.warn(`The client sent what is no message: ${String(error)}`);
      const isJson = error instanceof NoMessageError;
      pairings.say(
        undefined,
        isJson ? { code: -32_600, message: 'Invalid Request' } : { code: -32_700, message: 'Parse error' },
      );
    },
    onTooLong(beginning, end) {
      const message = l10n.t('A message of more than 32 MB cannot be passed on. Send less, or in parts.');
      pairings.say(idAtEitherEnd(beginning, end), { code: -32_600, message });
    },
    onDrain: intake.wake,
  });
  if ((await over) === undefined) await lastAnswers(lastWords);
  await Promise.race([pairings.terminate(), delay(farewellLimit)]);

  async function lastWords(): Promise<void> {
    await Promise.all(turns);
    await pairings.answered();
  }
}
