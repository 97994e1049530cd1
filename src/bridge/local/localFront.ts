import { basename, extname } from 'node:path';
import { messageOf } from '../../common/errors.ts';
import type { Log } from '../../common/log.ts';
import { plainLine } from '../../common/plainText.ts';
import { rpcCodes } from '../../mcp/names.ts';
import type { TokenSource } from '../../sessions/tokenSource.ts';
import { createFront } from '../lobby/front.ts';
import type { ListMemory } from '../lobby/memory.ts';
import { errorMessage, type ClientOutput } from './clientOutput.ts';
import { lineMessage, longestRead, readLineMessages, type LineMessage } from './lineMessage.ts';
import type { LocalCommand } from './localCommand.ts';
import type { Translation } from './translate.ts';

/** The server, and the two ends. */
export interface LocalFrontOptions extends Pick<LocalCommand, 'command' | 'args'> {
  /** The server, as the person knows it; by its command where absent. */
  readonly name?: string | undefined;
  readonly tokenSource: TokenSource;
  readonly listMemory: ListMemory;
  readonly log: Log;
  /** What the client reads. */
  readonly stdout: ClientOutput;
  /** Hears a line of the client. Never rejects. */
  pass(line: Buffer): Promise<void>;
}

/** What stands before the router of a local server: it answers by itself until there is a token to start the server with. */
export function createLocalFront({
  command,
  args,
  name = serverName(command, args),
  tokenSource,
  listMemory,
  log,
  stdout,
  pass,
}: LocalFrontOptions) {
  let translation: Translation | undefined;
  const front = createFront<LineMessage>({
    ends: {
      toServer: message => translation?.toServer(message) ?? pass(message.line),
      toClient: stdout.pass,
      make: lineMessage,
      withId: ({ whole }, id) => lineMessage({ ...whole(), id }),
      whole: ({ line, whole }) => (line.length > longestRead ? undefined : whole()),
    },
    tokenSource,
    memory: listMemory,
    name,
    translates: false,
    log,
    async translate() {
      const { translate } = await import('./translate.ts');
      translation = await translate({
        name,
        log,
        toServer: pass,
        toClient: front.fromServer,
      });
    },
    refusal: error => ({ code: rpcCodes.implementation, message: messageOf(error) }),
  });
  const hear = (message: LineMessage) => {
    if (translation) translation.toClient(message);
    else front.fromServer(message);
  };
  const output: ClientOutput = {
    pass: hear,
    say(message) {
      hear(lineMessage(message));
    },
    fail(id, message, code) {
      hear(lineMessage(errorMessage(id, message, code)));
    },
  };
  return {
    output,
    isBusy: front.isBusy,
    close: front.close,
    /** Hears a line of the client; resolves when the server has it. Never rejects. */
    async fromClient(line: Buffer): Promise<void> {
      let messages: LineMessage[];
      try {
        messages = readLineMessages(line);
      } catch {
        // The router says what is wrong with it.
        return pass(line);
      }
      await Promise.all(messages.map(front.fromClient));
    },
  };
}

/** Programs that start another one, which their arguments name. */
const starters = /^(?:npx|node|nodejs|bun|bunx|deno|tsx|pnpx|uvx|python\d?(?:\.\d+)?)$/i;

/** A name for the server that a command starts. @example serverName('npx', ['-y', '@acme/notes']) // 'notes' */
export function serverName(command: string, args: readonly string[]): string {
  const program = nameOf(command);
  const started = starters.test(program)
    ? args.find(word => !word.startsWith('-') && word !== 'run')
    : undefined;
  return plainLine((started === undefined ? '' : nameOf(started)) || program);
}

function nameOf(path: string): string {
  const base = basename(path.replaceAll('\\', '/'));
  return /^\.(?:[cm]?[jt]s|py|exe|cmd|bat|sh)$/i.test(extname(base))
    ? base.slice(0, -extname(base).length)
    : base;
}
