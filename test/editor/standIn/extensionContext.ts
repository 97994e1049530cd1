import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import { URI } from 'vscode-uri';
import { createGlobalState } from '../globalState.ts';
import { enumerations } from './basics.ts';
import { secretStorage, type Profile } from './profile.ts';
import { strict, type Without } from './strict.ts';

const root = join(import.meta.dirname, '..', '..', '..');

interface Package {
  readonly capabilities: unknown;
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      /** Where it is an object, the palette also finds the command by `original`. */
      readonly title: string | { readonly value: string; readonly original: string };
    }[];
    readonly configuration: {
      readonly properties: Readonly<Record<string, { readonly default?: unknown; readonly scope?: string }>>;
    };
  };
}

/** The extension's package.json. */
export const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Package;

/** What an editor gives the extension when it activates it. */
export function createExtensionContext(profile: Profile, kind: 'ui' | 'workspace', without: Without) {
  const exported: { exports: unknown } = { exports: undefined };
  const extension = strict('extension', {
    ...exported,
    id: 'omnispindle.omnispindle',
    extensionUri: URI.file(root),
    extensionPath: root,
    packageJSON: packageJson,
    extensionKind: enumerations.ExtensionKind[kind === 'ui' ? 'UI' : 'Workspace'],
    isActive: true,
    activate: async () => extension.exports,
  });
  const subscriptions: { dispose(): unknown }[] = [];
  const context = strict(
    'context',
    {
      subscriptions,
      extension,
      extensionUri: extension.extensionUri,
      extensionPath: extension.extensionPath,
      extensionMode: enumerations.ExtensionMode.Production,
      globalState: profile.globalState,
      workspaceState: createGlobalState(),
      secrets: strict('secrets', secretStorage(profile), without),
      globalStorageUri: URI.file(profile.storage),
      storageUri: undefined,
      logUri: URI.file(join(profile.storage, 'logs')),
      asAbsolutePath: (path: string) => join(root, path),
    },
    without,
  );
  return { context: context as unknown as vscode.ExtensionContext, extension, subscriptions };
}
