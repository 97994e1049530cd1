import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import * as l10n from '@vscode/l10n';
import { startGroup, type ProcessGroup } from './processGroup.ts';

export interface ServerProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  onMessage(message: JSONRPCMessage): void;
  /** Something of it could not be read or written; it goes on. */
  onError(error: Error): void;
  /** It has ended, and all that it wrote was heard. */
  onClose(): void;
}

/** A stdio server (MCP specification, "stdio") in a process group of its own. */
export interface ServerProcess {
  /** Resolves when the server takes more. @throws Error where it has ended */
  send(message: JSONRPCMessage): Promise<void>;
  /** Ends it, with all that it has started; see {@link ProcessGroup.end}. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a stdio server. @throws Error where the system cannot start it */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { command, args, env, onMessage, onError, onClose } = options;
  const group = startGroup(command, args, { env });
  const { child } = group;
  await spawned(child);
  child.on('error', onError);
  child.once('close', onClose);
  child.stdin.on('error', onError);
  const buffer = new ReadBuffer();
  child.stdout.on('error', onError).on('data', (chunk: Buffer) => {
    try {
      buffer.append(chunk);
    } catch (error) {
      // A message that is too long: nothing after it can be understood.
      onError(error as Error);
      void group.end();
      return;
    }
    for (let message; (message = read());) onMessage(message);
  });

  function read(): JSONRPCMessage | null {
    for (;;) {
      try {
        return buffer.readMessage();
      } catch (error) {
        onError(error as Error);
      }
    }
  }

  return {
    send(message) {
      if (child.exitCode !== null || child.signalCode !== null)
        return Promise.reject(new Error(l10n.t('The server has ended. See what it wrote above.')));
      if (child.stdin.write(serializeMessage(message))) return Promise.resolve();
      return new Promise(resolve => child.stdin.once('drain', resolve));
    },
    end: group.end,
  };
}

function spawned(child: ProcessGroup['child']): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}
