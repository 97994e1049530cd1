import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname, isAbsolute, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { errorTold } from '../../auth/authError.ts';
import type { Log } from '../../common/log.ts';
import type { SignInElsewhere } from '../../sessions/signInElsewhere.ts';
import { eventIn } from '../../sessions/signInNews.ts';
import { readLines } from '../../mcp/lineReader.ts';
import { browserCommands } from '../browser.ts';
import { environmentAtStart, environmentForBrowser, reachOptions } from './environment.ts';
import { longestMessage, parseMessage, signInArgument, type SignInRequest } from './messages.ts';

type Child = ChildProcessByStdio<Writable, Readable, null>;

/**
 * Signs in in a process of our own that outlives this one: an MCP client ends a server that is not ready after some
 * seconds, while the person still types. It holds the callback, the lock and the code, and stores the session. This
 * process hears of it by a pipe, whose end it does not mind.
 */
export function signInProcess({
  callbackPort,
  log,
}: {
  readonly callbackPort: number;
  readonly log: Log;
}): SignInElsewhere {
  return (request, onProgress) => {
    const child = start();
    if (!child) return Promise.resolve(undefined);
    const atWork = Promise.withResolvers<undefined>();
    const result = Promise.withResolvers<string | undefined>();

    const onLine = (line: Buffer) => {
      const said = parseMessage(line.toString());
      if (said?.type === 'log') {
        log[said.level](said.message);
        return;
      }
      atWork.resolve(undefined);
      if (said?.type === 'progress') onProgress(eventIn(said));
      if (said?.type === 'done') result.resolve(said.session);
      if (said?.type === 'failed') result.reject(errorTold(said));
    };
    child.stdout.on('data', readLines({ onLine, onTooLong: () => undefined }, longestMessage));
    const onEnd = () => {
      atWork.resolve(undefined);
      result.resolve(undefined);
    };
    child.once('error', onEnd);
    child.once('close', onEnd);
    child.stdin.on('error', () => undefined);
    // It does not end the stream: that end says that this process is gone.
    child.stdin.write(
      `${JSON.stringify({ ...request, callbackPort, env: environmentForBrowser() } satisfies SignInRequest)}\n`,
    );
    // Not sooner: until the request is in the pipe, the sign-in would be lost with this process.
    log.debug('The sign-in goes on in a process of its own.');
    return Promise.resolve({ atWork: atWork.promise, result: result.promise });
  };
}

/** Whether the browser is named relative to the working directory, which that process does not share. */
function isRelative(browser = ''): boolean {
  return browserCommands(browser, '').some(([program]) => /[\\/]/.test(program) && !isAbsolute(program));
}

/** @returns undefined where no such process can be started */
function start(): Child | undefined {
  // A program on Electron that is not run as Node.js would open a second time.
  if (process.versions['electron'] && !process.env['ELECTRON_RUN_AS_NODE']) return undefined;
  const cli = join(import.meta.dirname, '..', `cli${extname(import.meta.filename)}`);
  if (!existsSync(cli) || isRelative(process.env['BROWSER'])) return undefined;
  try {
    const child = spawn(process.execPath, [...reachOptions(), cli, signInArgument], {
      // A session of its own: what ends our process group does not reach it, and no project decides for it.
      detached: true,
      cwd: process.platform === 'win32' ? (process.env['SystemRoot'] ?? 'C:\\Windows') : '/',
      env: environmentAtStart(),
      // Nothing of ours: a client waits until all who hold our stdout have closed it.
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    child.unref();
    return child;
  } catch {
    // The system has no room for another process.
    return undefined;
  }
}
