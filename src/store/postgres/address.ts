import * as l10n from '@vscode/l10n';
import pg from 'pg';
import { codeOf, OmnispindleError } from '../../common/errors.ts';
import { plainLine } from '../../common/plainText.ts';

/** What `sslmode` may be; pg itself takes anything else for the strictest. */
const tlsModes = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'];
/** What pg takes for `verify-full`, with a warning on stderr, where a program reads the log as JSON. */
const strictModes = /(?<=[?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/;

/**
 * The address of a database as pg takes it. Connects to nothing.
 * @param variable the name of the environment variable that it comes from
 * @throws OmnispindleError `invalid_settings` where it is none; it never shows it, because of the password
 */
export function checkedAddress(url: string, variable: string): string {
  const parts = /^postgres(?:ql)?:\/\/([^/?#]*)(\/[^?#]*)?/.exec(url);
  if (!parts) throw noAddress(variable);
  const [, authority = '', path = ''] = parts;
  // A password may have a comma as well.
  if (authority.slice(authority.lastIndexOf('@')).includes(',') || /[?&]host=[^&]*,/.test(url)) {
    throw severalHosts(variable);
  }
  const mode = /[?&]sslmode=([^&]*)/.exec(url)?.[1];
  if (mode !== undefined && !tlsModes.includes(mode)) throw unknownMode(variable, mode);
  const address = /[?&]uselibpqcompat=true(?:&|$)/.test(url) ? url : url.replace(strictModes, 'verify-full');
  proveAddress(address, variable);
  // It would take the user's name for it.
  if (path.length < 2 && !process.env['PGDATABASE']) throw noDatabase(variable);
  return address;
}

function proveAddress(address: string, variable: string): pg.Client {
  try {
    return new pg.Client({ connectionString: address });
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && 'path' in error) throw unreadFile(variable, error);
    // What it says of the address would show the password.
    throw noAddress(variable);
  }
}

function noAddress(variable: string): OmnispindleError {
  return wrong(
    l10n.t(
      '{0} is no address of a Postgres database. Give one like postgres://<user>:<password>@<host>:5432/<database>, with what is special in the password percent-encoded.',
      variable,
    ),
  );
}

function noDatabase(variable: string): OmnispindleError {
  return wrong(
    l10n.t(
      '{0} names no database. Write its name at the end of the address: postgres://<user>:<password>@<host>:5432/<database>',
      variable,
    ),
  );
}

function severalHosts(variable: string): OmnispindleError {
  return wrong(
    l10n.t(
      '{0} names several hosts, and one is used. Give the address of the primary, or of what stands before all of them and leads to it.',
      variable,
    ),
  );
}

function unknownMode(variable: string, mode: string): OmnispindleError {
  return wrong(
    l10n.t('{0} has sslmode={1}, which is none of: {2}.', variable, plainLine(mode, 50), tlsModes.join(', ')),
  );
}

function unreadFile(variable: string, error: Error & Record<'path', unknown>): OmnispindleError {
  return wrong(
    l10n.t(
      '{0} names a file for TLS that cannot be read: {1} ({2}). Correct its path, or let this user read it.',
      variable,
      plainLine(String(error.path), 500),
      codeOf(error),
    ),
  );
}

function wrong(message: string): OmnispindleError {
  return new OmnispindleError('invalid_settings', message);
}
