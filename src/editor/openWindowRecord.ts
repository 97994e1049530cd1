import { randomUUID, createHash } from 'node:crypto';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { BrokerHost } from '../broker/host.ts';
import { createWindowRecord } from '../broker/windowRecord.ts';
import { messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { userDirectory } from '../platform/paths.ts';

/** Where this window is found by servers that it has not started. */
export interface WindowPlace {
  /** The directory of records; undefined where this user can have none. */
  readonly directory: string | undefined;
  /** Which editor this is, and which profile of it. */
  editor(): string;
}

const key = 'profile';

/** Finds the {@link WindowPlace} of this window. */
export function findWindowPlace(state: vscode.Memento, log: Log): WindowPlace {
  return {
    directory: windowsDirectory(log),
    editor() {
      // The editor tells no extension which profile it is in, but keeps this state for each.
      const known = state.get(key);
      const profile = typeof known === 'string' ? known : randomUUID();
      if (profile !== known) void state.update(key, profile);
      const { appName, uriScheme } = vscode.env;
      return createHash('sha256')
        .update(JSON.stringify([appName, uriScheme, profile]))
        .digest('base64url');
    },
  };
}

/** Keeps the record of this window, with when it last got the focus, until it is closed. */
export function keepWindowRecord(
  place: WindowPlace,
  broker: Pick<BrokerHost, 'openDoor'>,
  log: Log,
): vscode.Disposable {
  const { directory } = place;
  if (directory === undefined) return new vscode.Disposable(() => undefined);
  const record = createWindowRecord(directory, log);
  let focusedAt = vscode.window.state.focused ? Date.now() : 0;
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    await record.write({ ...(await broker.openDoor()), editor: place.editor(), focusedAt });
  }

  function writeNext(): void {
    writing = writing.then(write).catch((error: unknown) => {
      log.warn(messageOf(error));
    });
  }

  writeNext();
  return vscode.Disposable.from(
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (!focused) return;
      focusedAt = Date.now();
      writeNext();
    }),
    { dispose: record.remove },
  );
}

function windowsDirectory(log: Log): string | undefined {
  try {
    return join(userDirectory(), 'windows');
  } catch (error) {
    log.warn(messageOf(error));
    return undefined;
  }
}
