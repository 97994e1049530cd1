import { isDeepStrictEqual } from 'node:util';
import { applyEdits, modify, parse as parseJsonc, type ParseError } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import * as l10n from '@vscode/l10n';
import { AuthError } from '../../auth/errors.ts';
import type { ClientConfiguration } from './clients.ts';

const serverName = 'omnispindle';
const server = { command: 'npx', args: ['-y', 'omnispindle', 'serve'] };

/**
 * The configuration with our server in it; the rest stays as it is, byte for byte.
 * @param text what the file holds, empty where there is none
 * @throws AuthError `invalid_settings` where it cannot be read
 */
export function withOurServer(client: ClientConfiguration, text: string, path: string): string {
  return client.format === 'json' ? withJsonServer(client, text, path) : withTomlServer(client, text, path);
}

function withJsonServer({ key }: ClientConfiguration, text: string, path: string): string {
  const errors: ParseError[] = [];
  const current: unknown = parseJsonc(text || '{}', errors, { allowTrailingComma: true });
  if (errors.length > 0 || typeof current !== 'object' || current === null || Array.isArray(current)) {
    throw unreadable(path, 'JSON');
  }
  if (text.trim() === '' || text.trim() === '{}') {
    return `${JSON.stringify({ [key]: { [serverName]: server } }, null, 2)}\n`;
  }
  const servers = (current as Record<string, Record<string, unknown> | undefined>)[key];
  if (isDeepStrictEqual(servers?.[serverName], server)) return text;
  const eol = eolOf(text);
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  const depth = servers ? 2 : 1;
  // Without formatting options the edit touches nothing but its own place; so its layout is ours to make.
  const edits = modify(text, [key, serverName], server, {}).map(edit => {
    const follows = edit.content.startsWith(',');
    const start = edit.length > 0 ? '' : eol + indent.repeat(depth);
    const end = follows || edit.length > 0 ? '' : eol + indent.repeat(depth - 1);
    return { ...edit, content: (follows ? ',' : '') + start + edit.content.replace(/^,/, '') + end };
  });
  return applyEdits(text, edits);
}

function withTomlServer({ key }: ClientConfiguration, text: string, path: string): string {
  let current: Record<string, unknown>;
  try {
    current = parseToml(text);
  } catch {
    throw unreadable(path, 'TOML');
  }
  const eol = eolOf(text);
  const table = [
    `[${key}.${serverName}]`,
    `command = ${JSON.stringify(server.command)}`,
    `args = ${JSON.stringify(server.args).replaceAll(',', ', ')}`,
  ].join(eol);
  const servers = current[key] as Record<string, unknown> | undefined;
  if (servers?.[serverName] === undefined) {
    const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
    return `${text}${gap}${table}${eol}`;
  }
  // Its table, up to the next one or the end.
  const ours = new RegExp(`^\\[${key}\\.${serverName}\\][^\\n]*\\n(?:(?!\\[)[^\\n]*(?:\\n|$))*`, 'm');
  if (!ours.test(text)) {
    throw new AuthError(
      'invalid_settings',
      l10n.t('{0} already names omnispindle in another way. Remove that entry, then run this again.', path),
    );
  }
  return text.replace(
    ours,
    match => table + eol + (/(?:\r?\n)+$/.exec(match)?.[0].replace(/^\r?\n/, '') ?? ''),
  );
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function unreadable(path: string, format: string): AuthError {
  return new AuthError(
    'invalid_settings',
    l10n.t('{0} is not valid {1}; nothing was changed. Correct it, then run this again.', path, format),
  );
}
