import { readFile } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { AuthError } from '../../auth/errors.ts';
import { connect as bridge } from '../../server/connect/bridge.ts';
import { parseServerUrl } from '../../server/connect/serverUrl.ts';
import { stderrLog } from '../log.ts';
import { openTokenSource } from '../tokenSource.ts';

export interface ConnectCommandOptions {
  readonly header?: readonly string[];
  readonly headerFile?: string;
  readonly transport: string;
  readonly ignoreTool?: readonly string[];
  readonly scope?: readonly string[];
  readonly account?: string;
}

/** `omnispindle connect <url>`: a remote MCP server on stdio. @throws AuthError `invalid_settings` */
export async function connect(address: string, options: ConnectCommandOptions): Promise<void> {
  const url = parseServerUrl(address);
  const log = stderrLog();
  const fromFile =
    options.headerFile === undefined ? [] : (await readFile(options.headerFile, 'utf8')).split(/\r?\n/);
  const headers = parseHeaders([...fromFile.filter(line => line.trim() !== ''), ...(options.header ?? [])]);
  const tokenSource = await openTokenSource({
    log,
    ...(options.account !== undefined && { account: options.account }),
    ...(options.scope && { scopes: options.scope }),
  });
  await bridge({
    url,
    tokenSource,
    headers,
    transport: options.transport.startsWith('sse') ? 'sse' : 'http',
    ignoreTools: options.ignoreTool ?? [],
    log,
  });
  process.exit();
}

/** Reads headers written as `Name: value`; `${NAME}` in a value stands for that variable of the environment. */
export function parseHeaders(
  lines: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*)$/.exec(line.trim()) ?? [];
    if (!name || value === undefined) {
      throw new AuthError('invalid_settings', l10n.t('A header must look like "Name: value".'));
    }
    headers[name] = value.replaceAll(/\$\{(\w+)\}/g, (_match, variable: string) => env[variable] ?? '');
  }
  return headers;
}
