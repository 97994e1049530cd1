import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import { createGlobalState } from '../globalState.ts';
import { EventEmitter } from './basics.ts';

/** What an editor keeps for the person: its windows share it, and it is there after a restart. */
export interface Profile {
  /** The extension's global storage. */
  readonly storage: string;
  readonly globalState: vscode.Memento;
  /** What is in the SecretStorage. */
  readonly secrets: Map<string, string>;
  readonly secretChanged: EventEmitter<vscode.SecretStorageChangeEvent>;
  /** The person's settings by their whole names. */
  readonly settings: Map<string, unknown>;
  readonly settingChanged: EventEmitter<string>;
  /** Changes a setting, as the person does. */
  set(name: string, value: unknown): void;
}

/**
 * An editor's profile.
 * @param directory an empty folder of the test's own
 * @param settings the person's settings by their whole names
 */
export function createProfile(directory: string, settings: Record<string, unknown> = {}): Profile {
  const storage = join(directory, 'globalStorage', 'omnispindle.omnispindle');
  mkdirSync(storage, { recursive: true, mode: 0o700 });
  const values = new Map(Object.entries(settings));
  const settingChanged = new EventEmitter<string>();
  return {
    storage,
    globalState: createGlobalState(),
    secrets: new Map(),
    secretChanged: new EventEmitter(),
    settings: values,
    settingChanged,
    set(name, value) {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
      settingChanged.fire(name);
    },
  };
}

/** A window's view of the SecretStorage. */
export function secretStorage({ secrets, secretChanged }: Profile): vscode.SecretStorage {
  return {
    keys: async () => [...secrets.keys()],
    get: async key => secrets.get(key),
    async store(key, value) {
      secrets.set(key, value);
      secretChanged.fire({ key });
    },
    async delete(key) {
      secrets.delete(key);
      secretChanged.fire({ key });
    },
    onDidChange: secretChanged.event,
  };
}
