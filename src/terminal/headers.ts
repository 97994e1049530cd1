import { readFile, stat } from 'node:fs/promises';
import { validateHeaderValue } from 'node:http';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { plainLine } from '../common/plainText.ts';
import { expandedPath } from '../platform/settingPath.ts';
import { holdsPlaceholder } from '../common/settingText.ts';

/** A header as it was written, and where. */
export interface HeaderLine {
  readonly text: string;
  readonly origin: string;
}

/**
 * Reads the lines of a file of headers; empty ones and those that begin with `#` are left out.
 * @throws OmnispindleError `invalid_settings` where it cannot be read
 */
export async function readHeaderFile(named: string, log: Log): Promise<HeaderLine[]> {
  const path = expandedPath('--header-file', named) ?? '';
  try {
    const text = await readFile(path, 'utf8');
    if (process.platform !== 'win32' && (await stat(path)).mode & 0o077) {
      log.warn(l10n.t('{0} can be read by other users. Allow only yourself: chmod 600 {0}', path));
    }
    return text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .map((line, index) => ({
        text: line.trim(),
        origin: l10n.t('{0}, line {1}', path, String(index + 1)),
      }))
      .filter(line => line.text !== '' && !line.text.startsWith('#'));
  } catch (error) {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t('The header file {0} cannot be read ({1}). Check --header-file.', path, String(error)),
      { cause: error },
    );
  }
}

/**
 * Reads headers written as `Name: value`; `${NAME}` in a value stands for that variable of the environment.
 * A header is never quoted in an error: it may be a secret.
 * @throws OmnispindleError `invalid_settings`
 */
export function parseHeaders(
  lines: readonly HeaderLine[],
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { text, origin } of lines) {
    const [, name, written] = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*)$/.exec(text.trim()) ?? [];
    if (!name || written === undefined) {
      throw invalid(origin, l10n.t('A header must look like "Name: value".'));
    }
    refuseAuthorization(name, origin);
    const value = written.replaceAll(/\$\{(\w+)\}/g, (_match, variable: string) => {
      const replacement = env[variable];
      if (replacement !== undefined) return replacement.trim();
      throw invalid(
        origin,
        l10n.t('The header {0} needs the variable {1}, which is not set. Set it.', name, variable),
      );
    });
    headers[name.toLowerCase()] = checkedValue(name, value, origin);
  }
  return headers;
}

/**
 * Checks headers that the settings of an editor hold, and that go through nobody who would fill in placeholders.
 * @throws OmnispindleError `invalid_settings`
 */
export function checkedHeaders(given: Readonly<Record<string, string>>): Record<string, string> {
  const origin = 'omnispindle.servers';
  return Object.fromEntries(
    Object.entries(given).map(([name, written]) => {
      const value = written.trim();
      if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
        throw invalid(origin, l10n.t('"{0}" is not the name of a header. Correct it.', plainLine(name)));
      }
      refuseAuthorization(name, origin);
      if (holdsPlaceholder(value)) {
        throw invalid(
          origin,
          l10n.t('The header {0} holds a placeholder that nobody filled in. Set it to its value.', name),
        );
      }
      return [name.toLowerCase(), checkedValue(name, value, origin)];
    }),
  );
}

/** @throws OmnispindleError `invalid_settings` where it is the header of the token */
function refuseAuthorization(name: string, origin: string): void {
  if (name.toLowerCase() === 'authorization') {
    throw invalid(
      origin,
      l10n.t(
        'The header Authorization carries the signed-in person’s token. Remove it, or set AUTH0_TOKEN to use a token of your own.',
      ),
    );
  }
}

/** @throws OmnispindleError `invalid_settings` where no request may have that value, without quoting it */
function checkedValue(name: string, value: string, origin: string): string {
  try {
    validateHeaderValue(name, value);
    return value;
  } catch {
    throw invalid(
      origin,
      l10n.t('The header {0} has a character in its value that no header can have. Remove it.', name),
    );
  }
}

function invalid(origin: string, message: string): OmnispindleError {
  return new OmnispindleError('invalid_settings', `${origin}: ${message}`);
}
