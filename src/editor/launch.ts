import type { ConfiguredServer } from './configuredServers.ts';

/** How our command line is started for a server. */
export interface Launch {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How a local or remote server is started: by `connect` or `run`, which keep its token valid. */
export function launchOf(server: ConfiguredServer): Launch {
  const scopes = (server.scopes ?? []).flatMap(scope => ['--scope', scope]);
  if ('command' in server) {
    const { command, args = [], env = {}, tokenVariable } = server;
    return { args: ['run', '--variable', tokenVariable, ...scopes, '--', command, ...args], env };
  }
  const { url, transport } = server;
  const headers = Object.entries(server.headers ?? {});
  return {
    args: [
      'connect',
      url,
      ...(transport === undefined ? [] : ['--transport', transport]),
      ...scopes,
      ...headers.flatMap(([name], index) => ['--header', `${name}: \${${headerVariable(index)}}`]),
    ],
    // A header may be a secret, and anybody on the machine can read a process's arguments.
    env: Object.fromEntries(headers.map(([, value], index) => [headerVariable(index), value])),
  };
}

function headerVariable(index: number): string {
  return `OMNISPINDLE_HEADER_${String(index)}`;
}
