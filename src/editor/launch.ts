import type { ServerDefinition } from '../broker/serverDefinition.ts';
import type { ConfiguredServer } from './configuredServers.ts';

/** How our command line is started for a server: nothing in it is a secret, or looks like a variable. */
export interface Launch extends Pick<ServerDefinition, 'server' | 'secrets'> {
  readonly command: 'serve' | 'connect' | 'run';
}

/** How a local or remote server is started: by `connect` or `run`, which keep its token valid. */
export function launchOf(server: ConfiguredServer): Launch {
  const { audience, scopes } = server;
  const purpose = { ...(audience !== undefined && { audience }), ...(scopes && { scopes }) };
  if ('command' in server) {
    const { command, args = [], env = {}, cwd, tokenVariable } = server;
    return {
      command: 'run',
      server: { command, args, tokenVariable, ...(cwd !== undefined && { cwd }), ...purpose },
      secrets: Object.keys(env),
    };
  }
  const { url, transport, headers = {} } = server;
  return {
    command: 'connect',
    server: { url, ...(transport !== undefined && { transport }), ...purpose },
    secrets: Object.keys(headers),
  };
}

/** What a server is, whatever it is called: its address, or its command with the arguments. */
export function targetOf(server: ConfiguredServer): string {
  if ('url' in server) {
    const { href, hash } = new URL(server.url);
    return href.slice(0, href.length - hash.length);
  }
  return JSON.stringify([server.command, ...(server.args ?? [])]);
}
