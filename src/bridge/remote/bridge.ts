import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { createAuthorizedRequest, type AuthorizedRequestOptions } from './authorizedRequest.ts';
import { usualLimits, type RemoteLimits } from './limits.ts';
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
import { NoMessageError, toMessage, withId, type Message } from '../../mcp/message.ts';
import { startRelay } from './relay.ts';
import { createSession, type SessionOptions } from './session.ts';
import { createStatelessTransport } from './stateless/statelessTransport.ts';
import { rawOf, sendRaw, type LineTransport, type RemoteTransport } from './transport.ts';
import { rpcCodes } from '../../mcp/names.ts';
import { createAttendance } from '../lobby/attendance.ts';
import { createFront } from '../lobby/front.ts';
import type { ListMemory } from '../lobby/memory.ts';
import { refusedCall } from './refusedCall.ts';

/** The server of one `connect`, and what the person says about it. */
export interface ConnectOptions
  extends Omit<AuthorizedRequestOptions, 'attendance'>, Pick<SessionOptions, 'transport' | 'log'> {
  /** Names of tools to hide and refuse; `*` stands for any characters. */
  readonly ignoreTools: readonly string[];
  /** Which era the server was of. */
  readonly memory: EraMemory;
  /** The server, as the person knows it; its host where absent. */
  readonly name?: string | undefined;
  /** What the server listed; absent where nobody can sign in. */
  readonly listMemory?: ListMemory | undefined;
  /** How long the server is waited for, where that is not as usual. */
  readonly limits?: Partial<RemoteLimits>;
}

/**
 * Passes every message between a client and a remote server, each request with a token that is valid now; as it came,
 * where both are of the same era. Ends when the client goes away.
 */
export async function connect(client: LineTransport, options: ConnectOptions): Promise<void> {
  const { url, transport, log, memory, listMemory } = options;
  const tools = createIgnoredTools(options.ignoreTools);
  const intake = createIntake(client.isFull);
  const limits = { ...usualLimits, ...options.limits };
  const attendance = listMemory && createAttendance();
  const { request, tokenSource } = await createAuthorizedRequest({ ...options, attendance });
  /** What the client says and the server has not taken yet. */
  const turns = new Set<Promise<void>>();
  const onNonsense = (error: unknown) => {
    log.debug(`The server sent something that is not a message: ${String(error)}`);
  };
  const front =
    listMemory &&
    createFront<Message>({
      ends: {
        toServer: pass,
        toClient: message => void sendRaw(client, message),
        make: toMessage,
        withId,
        whole: ({ content }) => content,
      },
      tokenSource,
      memory: listMemory,
      name: options.name ?? url.host,
      translates: true,
      log,
      attendance,
      refusal: (error, id) => refusedCall(error, id, url),
    });
  const dispatcher = createDispatcher({
    client: {
      send(content, given) {
        if (!front) return client.send(content, given);
        front.fromServer(rawOf(content, given));
        return Promise.resolve();
      },
    },
    url,
    log,
    finder: createFinder({ url, request, intake, limits, onNonsense, memory, transport }),
    async relay(era, end, takenOver) {
      const server = remoteOf(era);
      const { consent } = options;
      const questions = createQuestions(era, end);
      await startRelay({ client: end, server, url, log, tools, consent, questions, takenOver });
      return server;
    },
  });

  function remoteOf(era: Era): RemoteTransport {
    const given = { url, request, intake, log, limits };
    return era === 'modern' ? createStatelessTransport(given) : createSession({ ...given, transport });
  }

  /** Never rejects. */
  async function pass(message: Message): Promise<void> {
    await dispatcher.fromClient(message).catch((error: unknown) => {
      log.warn(explain(error, url));
    });
  }

  const over = client.gone();
  client.onmessage = (content, info) => {
    const message = rawOf(content, info);
    const turn = front ? front.fromClient(message) : pass(message);
    turns.add(turn);
    return turn.finally(() => turns.delete(turn));
  };
  client.onerror = error => {
    log.warn(`The client sent something that is not a message: ${String(error)}`);
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
  if ((await over) === undefined) await lastAnswers(lastWords, limits.lastAnswers);
  await Promise.race([Promise.all([dispatcher.terminate(), front?.close()]), delay(limits.farewell)]);

  async function lastWords(): Promise<void> {
    await Promise.all(turns);
    await dispatcher.answered();
  }
}
