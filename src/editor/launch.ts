import type { ConfiguredServer } from './configuredServers.ts';

/** How our command line is started for a server. */
export interface Launch {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How a local or remote server is started: by `connect` or `run`, which keep its token valid. */
export function launchOf(server: ConfiguredServer): Launch {
  const purpose = [
    ...(server.audience === undefined ? [] : ['--audience', server.audience]),
    ...(server.scopes ?? []).flatMap(scope => ['--scope', scope]),
  ];
  if ('command' in server) {
    const { command, args = [], env = {}, cwd, tokenVariable } = server;
    const place = cwd === undefined ? [] : ['--cwd', cwd];
    return { args: ['run', '--variable', tokenVariable, ...place, ...purpose, '--', command, ...args], env };
  }
  const { url, transport } = server;
  const headers = Object.entries(server.headers ?? {});
  return {
    args: [
      'connect',
      url,
      ...(transport === undefined ? [] : ['--transport', transport]),
      ...purpose,
      ...headers.flatMap(([name], index) => ['--header', `${name}: \${${headerVariable(index)}}`]),
    ],
    // A header may be a secret, and anybody on the machine can read a process's arguments.
    env: Object.fromEntries(headers.map(([, value], index) => [headerVariable(index), value])),
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

function headerVariable(index: number): string {
  return `OMNISPINDLE_HEADER_${String(index)}`;
}
