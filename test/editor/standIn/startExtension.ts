import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import { URI, Utils } from 'vscode-uri';
import type { OmnispindleApi } from '../../../src/editor/api.ts';
import { createAuthentication } from './authentication.ts';
import {
  CancellationTokenSource,
  Disposable,
  enumerations,
  EventEmitter,
  McpStdioServerDefinition,
  ThemeColor,
  ThemeIcon,
  TreeItem,
} from './basics.ts';
import { createCommands } from './commands.ts';
import { createConfiguration } from './configuration.ts';
import { createEnvironment, type Surroundings } from './environment.ts';
import { createExtensionContext, packageJson } from './extensionContext.ts';
import { loadExtension } from './loader.ts';
import type { Profile } from './profile.ts';
import { createScreen } from './shown.ts';
import { strict, type Without } from './strict.ts';
import { readTree } from './tree.ts';
import { createWindow } from './window.ts';

/** The editor that the extension is to find. */
export interface StandInOptions extends Surroundings {
  readonly profile: Profile;
  /** Where the extension runs: beside the window, or in a remote. */
  readonly extensionKind?: 'ui' | 'workspace';
  /** Whether the window has the focus at the start; it has where absent. */
  readonly isFocused?: boolean;
  /** What this editor lacks, by its path or a command's id: `lm`, `secrets.keys`, `workbench.mcp.startServer`. */
  readonly without?: readonly string[];
  /** What this editor has in place of VS Code's, or besides: `{ lm: { … }, cursor: { … } }`. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Ids of authentication providers that another extension has registered. */
  readonly takenProviders?: readonly string[];
  /** Commands of the editor's own in which the test has a part. */
  readonly commands?: Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  /** What the workspace's own settings have, by whole names; this editor lets it decide everything. */
  readonly workspaceSettings?: Readonly<Record<string, unknown>>;
}

type Definitions = vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition>;

/**
 * Runs the built extension in a window that stands in for an editor's on a desktop: its modules are its own, and what the
 * editor would draw is recorded. It has of VS Code's API what is written here; everything else throws.
 * @param options which editor it is
 */
export async function startExtension(options: StandInOptions) {
  const { profile, extensionKind = 'ui', workspaceSettings = {} } = options;
  const without: Without = new Set(options.without);
  const { context, extension, subscriptions } = createExtensionContext(profile, extensionKind, without);
  const commands = createCommands(options.commands ?? {}, without);
  const screen = createScreen((id, ...args) => commands.api.executeCommand(id, ...args));
  const window = createWindow(screen, options.isFocused);
  const environment = createEnvironment(options, address => URI.parse(address));
  const authentication = createAuthentication(window.api, options.takenProviders ?? []);
  const described = packageJson.contributes.configuration.properties;
  const { dispose, ...configuration } = createConfiguration(profile, described, workspaceSettings);
  const mcp = new Map<string, Definitions>();

  const namespaces = {
    authentication: authentication.api,
    commands: commands.api,
    env: environment.api,
    extensions: { getExtension: (id: string) => (id === extension.id ? extension : undefined) },
    l10n: { t: l10n.t, bundle: undefined, uri: undefined },
    lm: {
      tools: [],
      registerMcpServerDefinitionProvider(id: string, provider: Definitions) {
        mcp.set(id, provider);
        return new Disposable(() => mcp.delete(id));
      },
    },
    window: window.api,
    workspace: { ...configuration, workspaceFolders: undefined, isTrusted: true },
  };
  const names = new Set([...Object.keys(namespaces), ...Object.keys(options.members ?? {})]);
  const api = {
    version: '1.105.0',
    CancellationTokenSource,
    Disposable,
    EventEmitter,
    McpStdioServerDefinition,
    ThemeColor,
    ThemeIcon,
    TreeItem,
    Uri: Object.assign(URI, { joinPath: Utils.joinPath }),
    ...Object.fromEntries(
      Object.entries(enumerations).map(([name, members]) => [name, strict(name, members)]),
    ),
    ...Object.fromEntries(
      [...names].map(name => {
        const usual = (namespaces as Record<string, object>)[name] ?? {};
        const its = options.members?.[name] ?? {};
        const members: object = {};
        for (const each of [usual, its]) {
          Object.defineProperties(members, Object.getOwnPropertyDescriptors(each));
        }
        return [name, strict(name, members, without)];
      }),
    ),
  };

  const door = await loadExtension(api, without);
  const exported = (await door.activate(context)) as OmnispindleApi;
  extension.exports = exported;

  return {
    /** What the extension exports. */
    api: exported,
    /** What the window shows and has shown, and the person's answers to it. */
    screen,
    /** The addresses that were opened outside the editor. */
    opened: environment.opened,
    clipboard: environment.clipboard,
    /** What the output channels were told. */
    lines: window.lines,
    /** The commands that were run, ours and the editor's. */
    executed: commands.executed,
    /** Runs a command, as the command palette does. */
    run: (id: string, ...args: readonly unknown[]) => commands.api.executeCommand(id, ...args),
    /** The items of the status bar that stay. */
    statusBar: window.statusBar,
    /** How often the editor was told to read a tree again. */
    treeChanges: window.treeChanges,
    /** The lines of a view that is a tree, with those below them. */
    tree: (view: string) => readTree(window.trees.get(view)),
    /** The ids of all commands. */
    commandIds: () => commands.api.getCommands(),
    /** Hands a URI to the extension's handler, as the system does. */
    handleUri: (address: string) => window.handleUri(URI.parse(address)),
    setFocused: window.setFocused,
    /** Our authentication provider, to be called as an editor calls it. */
    provider: () => authentication.provider('omnispindle'),
    /** The entries of the Accounts menu that ask to sign in, each by its scopes. */
    requests: authentication.requests,
    /** As another extension asks for a session; the editor asks the person first. */
    getSession: authentication.api.getSession,
    /** The provider of MCP servers that was registered, if any. */
    mcp: () => mcp.get('omnispindle.servers'),
    /** Ends the window; its profile stays. */
    async deactivate(): Promise<void> {
      await door.deactivate?.();
      for (const one of subscriptions.reverse()) await one.dispose();
      dispose();
    },
  };
}

/** A window of an editor that runs the extension. */
export type StandIn = Awaited<ReturnType<typeof startExtension>>;
