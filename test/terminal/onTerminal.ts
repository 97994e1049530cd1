import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { cli, userEnvironment, type Surroundings } from './fixtures.ts';

/** A terminal's size, and where what is not shown on it goes. */
export interface TerminalOptions {
  /** Characters in a line; 0 where the terminal does not know. */
  readonly columns?: number;
  /** A part of a shell's command line after the command: where the output goes. */
  readonly redirection?: string;
}

/** A command of `omnispindle` on a pseudo-terminal. */
export interface OnTerminal {
  /** What the terminal was sent so far, with what colours and moves it. */
  sent(): string;
  /** Waits until the terminal was sent that. @throws where the command ends without */
  shows(what: RegExp): Promise<void>;
  /** Types on the keyboard. */
  type(keys: string): void;
  readonly ended: Promise<{
    readonly code: number;
    readonly sent: string;
    readonly lines: readonly string[];
  }>;
}

/** Starts one command of `omnispindle` on a pseudo-terminal of 24 lines, by util-linux' `script`. */
export function startOnTerminal(
  surroundings: Surroundings,
  args: readonly string[],
  { columns = 80, redirection = '' }: TerminalOptions = {},
): OnTerminal {
  const words = [process.execPath, cli, ...args].map(word => `'${word.replaceAll("'", "'\\''")}'`);
  const command = `stty rows 24 cols ${String(columns)}; exec ${words.join(' ')} ${redirection}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { TERM: 'xterm-256color', SHELL: '/bin/sh', ...userEnvironment(surroundings) },
    cwd: surroundings.directory,
    timeout: 90_000,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const more = new EventEmitter();
  let sent = '';
  let isOver = false;
  child.stdout.on('data', (chunk: Buffer) => {
    sent += chunk.toString();
    more.emit('more');
  });
  const closed = once(child, 'close').then(([code]) => {
    isOver = true;
    more.emit('more');
    const text = sent.replaceAll('\r\n', '\n');
    return { code: (code as number | null) ?? 1, sent: text, lines: linesOf(text) };
  });
  return {
    sent: () => sent,
    async shows(what) {
      while (!what.test(stripVTControlCharacters(sent))) {
        if (isOver) throw new Error(`It ended without showing ${String(what)}: ${sent}`);
        await once(more, 'more');
      }
    },
    type(keys) {
      child.stdin.write(keys);
    },
    ended: closed,
  };
}

/** Runs one command of `omnispindle` on a pseudo-terminal to its end. */
export function runOnTerminal(
  surroundings: Surroundings,
  args: readonly string[],
  options?: TerminalOptions,
) {
  return startOnTerminal(surroundings, args, options).ended;
}

/** What a person reads: of what was written over in a line, as a spinner does, the last. */
function linesOf(text: string): string[] {
  const lines = text
    .split('\n')
    .map(line => stripVTControlCharacters(line.split(/\r|\u001b\[1?G/).at(-1) ?? ''));
  while (lines.at(-1) === '') lines.pop();
  return lines;
}
