import { readDefinition } from '../broker/serverDefinition.ts';
import { isOmnispindleError } from '../common/errors.ts';
import { homeDirectory } from '../platform/settingPath.ts';

/**
 * Goes where nothing lies that somebody else wrote: an agent starts us in the workspace, where `npx` for example would
 * start whatever that has put into its `node_modules/.bin`.
 */
export function leaveWorkspace(): void {
  try {
    process.chdir(homeDirectory());
  } catch (error) {
    if (!isOmnispindleError(error) && process.platform === 'win32') return;
    process.chdir('/');
  }
}

/**
 * Starts the local or remote server that the editor says in the environment.
 * @throws OmnispindleError `invalid_settings` where it says none
 */
export async function startEditorServer(): Promise<void> {
  const definition = readDefinition();
  const server = definition?.server;
  if (!server) return (await import('./main.ts')).main(process.argv).then(() => undefined);
  if ('url' in server) {
    const { url, transport = 'http-first', scopes } = server;
    const { connect } = await import('./commands/connect.ts');
    return connect(url, { transport, definition, ...(scopes && { scope: scopes }) });
  }
  const { command, args, tokenVariable, cwd, scopes } = server;
  const { run } = await import('./commands/run.ts');
  return run(command, args, {
    variable: tokenVariable,
    definition,
    ...(cwd !== undefined && { cwd }),
    ...(scopes && { scope: scopes }),
  });
}
