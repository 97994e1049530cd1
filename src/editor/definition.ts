import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { ServerDefinition } from '../broker/serverDefinition.ts';
import { definitionVariable, localeVariable, revisionVariable } from '../broker/variables.ts';
import { hashOfDefinition, writeDefinition } from '../broker/writtenDefinition.ts';
import { isOmnispindleError } from '../common/errors.ts';
import { userDirectory } from '../platform/paths.ts';
import { homeDirectory } from '../platform/settingPath.ts';
import type { ConfiguredServer } from './configuredServers.ts';
import { launchOf, type Launch } from './launch.ts';
import { networkEnvironment } from './network.ts';
import type { WindowPlace } from './openWindowRecord.ts';
import { callbackPortSetting, tenantSetting } from './settings.ts';
import { stdioDefinition } from './stdioDefinition.ts';

/** How the editor, or an agent of its that does without us, starts a server. */
export interface Definitions {
  /**
   * All that a start needs besides a key, with no secret in it: the editor writes it to disk.
   * @param revision how often the server was to start again
   */
  define(
    name: string,
    configured: ConfiguredServer | undefined,
    revision: number,
  ): vscode.McpStdioServerDefinition;
  /** The hash of what a server of that name is told of itself now. */
  hashOf(name: string, configured: ConfiguredServer | undefined): string;
}

/** Builds the {@link Definitions} of this window. */
export function createDefinitions(context: vscode.ExtensionContext, place: WindowPlace): Definitions {
  const cli = vscode.Uri.joinPath(context.extensionUri, 'dist', 'cli.js').fsPath;

  function written(name: string, { server, secrets }: Omit<Launch, 'command'>): string {
    return writeDefinition({
      version: 1,
      name,
      editor: place.editor(),
      ...(place.directory !== undefined && { windows: place.directory }),
      ...tenantOrProblem(),
      ...(server && { server }),
      ...(secrets && { secrets }),
    });
  }

  return {
    define(name, configured, revision) {
      const { command, ...launch } = launchFor(configured);
      const env = {
        ...nodeEnvironment(),
        ...dataEnvironment(),
        [localeVariable]: vscode.env.language,
        ...networkEnvironment(),
        ...(!configured && tenantEnvironment()),
        [definitionVariable]: written(name, launch),
      };
      const version = (context.extension.packageJSON as { version: string }).version;
      const content = createHash('sha256')
        .update(JSON.stringify([command, env]))
        .digest('hex')
        .slice(0, 8);
      const definition = stdioDefinition(
        name,
        process.execPath,
        [cli, command],
        // VS Code 1.105 starts a server again for another launch, and not for another version alone.
        { ...env, ...(revision > 0 && { [revisionVariable]: String(revision) }) },
        [version, content, revision].join('-'),
      );
      // Not every agent heeds it. A local server may read files of the person's; ours read none.
      definition.cwd = command === 'run' ? vscode.Uri.file(homeDirectory()) : context.globalStorageUri;
      return definition;
    },
    hashOf: (name, configured) => hashOfDefinition(written(name, launchFor(configured))),
  };
}

function launchFor(configured: ConfiguredServer | undefined): Launch {
  return configured ? launchOf(configured) : { command: 'serve' };
}

/** On desktop `process.execPath` is Electron, which must be told to be Node. */
function nodeEnvironment(): Record<string, string> {
  return process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {};
}

/**
 * All of this user's processes share one directory, and agents do not pass on every variable that says which: that the
 * editor is in a sandbox, for example.
 */
function dataEnvironment(): Record<string, string> {
  try {
    return { OMNISPINDLE_DATA_DIR: userDirectory() };
  } catch {
    // The server says at its first call what is wrong with it.
    const { OMNISPINDLE_DATA_DIR: data } = process.env;
    return data ? { OMNISPINDLE_DATA_DIR: data } : {};
  }
}

function tenantOrProblem(): Pick<ServerDefinition, 'tenant' | 'problem' | 'callbackPort'> {
  try {
    const { domain, clientId, audience, organization } = tenantSetting();
    return {
      tenant: { domain, clientId, audience, ...(organization !== undefined && { organization }) },
      callbackPort: callbackPortSetting(),
    };
  } catch (error) {
    if (!isOmnispindleError(error)) throw error;
    return { problem: error.message };
  }
}

/** The bundled server checks tokens by itself; in another's environment these names are its own. */
function tenantEnvironment(): Record<string, string> {
  const { tenant } = tenantOrProblem();
  return tenant
    ? {
        AUTH0_DOMAIN: tenant.domain,
        AUTH0_CLIENT_ID: tenant.clientId,
        AUTH0_AUDIENCE: tenant.audience,
        // Named none, it must not take that of the environment.
        AUTH0_ORGANIZATION: tenant.organization ?? '',
      }
    : {};
}
