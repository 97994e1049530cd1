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
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  const edits = modify(text || '{}', [key, serverName], server, {
    formattingOptions: { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol },
  });
  const changed = applyEdits(text || '{}', edits);
  return text ? changed : `${changed}\n`;
}

function withTomlServer({ key }: ClientConfiguration, text: string, path: string): string {
  let current: Record<string, unknown>;
  try {
    current = parseToml(text);
  } catch {
    throw unreadable(path, 'TOML');
  }
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
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

function unreadable(path: string, format: string): AuthError {
  return new AuthError(
    'invalid_settings',
    l10n.t('{0} is not valid {1}; nothing was changed. Correct it, then run this again.', path, format),
  );
}
