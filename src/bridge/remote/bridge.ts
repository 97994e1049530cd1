import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { clientGone } from '../../mcp/clientGone.ts';
import { createAuthorizedRequest, type AuthorizedRequestOptions } from './authorizedRequest.ts';
import { createQuestions } from './consent/questions.ts';
import type { Era } from './eras/era.ts';
import { createFinder } from './eras/finder.ts';
import type { EraMemory } from './eras/memory.ts';
import { createDispatcher } from './eras/dispatcher.ts';
import { explain } from './explain.ts';
import { createIgnoredTools } from './ignoredTools.ts';
import { createIntake } from '../../mcp/intake.ts';
import { lastAnswers } from './lastAnswers.ts';
import { idAtEitherEnd } from '../../mcp/lineReader.ts';
import { NoMessageError } from '../../mcp/message.ts';
import { startRelay } from './relay.ts';
import { createSession, type SessionOptions } from './session.ts';
import { createStatelessTransport } from './stateless/statelessTransport.ts';
import { rawOf, type LineTransport, type RemoteTransport } from './transport.ts';
import { rpcCodes } from '../../mcp/names.ts';

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
export async function connect(client: LineTransport, options: ConnectOptions): Promise<void> {
  const { url, transport, log, memory } = options;
  const tools = createIgnoredTools(options.ignoreTools);
  const intake = createIntake(client.isFull);
  const request = await createAuthorizedRequest(options);
  /** What the client says and the server has not taken yet. */
  const turns = new Set<Promise<void>>();
  const onNonsense = (error: unknown) => {
    log.debug(`The server sent what is no message: ${String(error)}`);
  };
  const dispatcher = createDispatcher({
    client,
    url,
    log,
    finder: createFinder({ url, request, intake, onNonsense, memory, transport }),
    async relay(era, end, takenOver) {
      const server = remoteOf(era);
      const { consent } = options;
      const questions = createQuestions(era, end);
      await startRelay({ client: end, server, url, log, tools, consent, questions, takenOver });
      return server;
    },
  });

  function remoteOf(era: Era): RemoteTransport {
    const given = { url, request, intake, log };
    return era === 'modern' ? createStatelessTransport(given) : createSession({ ...given, transport });
  }

  const over = clientGone();
  client.onmessage = (content, info) => {
    const turn = dispatcher.fromClient(rawOf(content, info)).catch((error: unknown) => {
      log.warn(explain(error, url));
    });
    turns.add(turn);
    return turn.finally(() => turns.delete(turn));
  };
  client.onerror = error => {
    log.warn(`The client sent what is no message: ${String(error)}`);
    const isJson = error instanceof NoMessageError;
    dispatcher.say(
      undefined,
      isJson
        ? { code: rpcCodes.invalidRequest, message: 'Invalid Request' }
        : { code: rpcCodes.parseError, message: 'Parse error' },
    );
  };
  client.ontoolong = (beginning, end) => {
    const message = l10n.t('A message of more than 32 MB cannot be passed on. Send less, or in parts.');
    dispatcher.say(idAtEitherEnd(beginning, end), { code: rpcCodes.invalidRequest, message });
  };
  client.ondrain = intake.wake;
  await client.start();
  if ((await over) === undefined) await lastAnswers(lastWords);
  await Promise.race([dispatcher.terminate(), delay(farewellLimit)]);

  async function lastWords(): Promise<void> {
    await Promise.all(turns);
    await dispatcher.answered();
  }
}
