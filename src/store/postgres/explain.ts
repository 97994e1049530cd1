import * as l10n from '@vscode/l10n';
import pg from 'pg';
import { codesIn } from '../../auth/connectionFailure.ts';
import { codeOf, messageOf } from '../../common/errors.ts';
import { StoreError } from '../storeError.ts';

/** Codes of Postgres (documentation, appendix A) after which the same transaction may be done again. */
const again = ['40001', '40P01'];
/** A lock or a statement that took too long, a transaction that stood still, too many connections. */
const busyCodes = [...again, '53300', '53400', '55P03', '57014', '25P03', '25P04'];
/** Classes and codes that say something of the machine, the address or the roles, and not of a statement of ours. */
const machineCodes = ['08', '28', '3D', '3F', '53', '55', '57', '58', '42501', '42P01', '42883', 'F0', 'XX'];
/** What pg says of a connection, without a code. */
const lostConnection =
  /^(?:Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|timeout expired|The server does not support SSL|SASL|SCRAM|Cannot use a pool after calling end|Client network socket disconnected)/;
const withoutTls = /^The server does not support SSL/;
/** What Node.js says of a certificate (OpenSSL, `X509_STORE_CTX_get_error`). */
const ofCertificate = /CERT|_SIGNATURE|_ISSUER|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|PATH_LENGTH/;
/** Of a standby there is no code of its own. */
const inRecovery = /read-write mode during recovery/;
const fullPool = /^timeout exceeded when trying to connect/;

/** Whether a transaction that has failed so may be done again: it has changed nothing. */
export function isWorthAnotherTry(error: unknown): boolean {
  return error instanceof pg.DatabaseError && again.includes(error.code ?? '');
}

/** Whether no answer can come any more, so that nobody knows what the last statement has done. */
export function isLost(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return /^(?:08|57P0)/.test(error.code ?? '');
  return error instanceof Error && (lostConnection.test(error.message) || isOfSystem(error));
}

/** A system's error, `ECONNREFUSED` for example, has a code; one of Node.js itself is something else. */
function isOfSystem(error: Error): boolean {
  if (error instanceof AggregateError && error.errors.length > 0) return true;
  return 'syscall' in error || /^(?:E[A-Z]+$|ERR_(?:TLS|SSL)|[A-Z_]*CERT)/.test(codeOf(error));
}

/**
 * What went wrong on the database's side, as a StoreError that says what to do, and never shows an address; anything
 * else as it is.
 */
export function explain(error: unknown): unknown {
  if (error instanceof StoreError) return error;
  if (isPoolFull(error) || hasCode(error, busyCodes)) return busy(error);
  if (isReadOnly(error)) return readOnly('DATABASE_URL', error);
  if (isOfTls(error)) return untrusted('DATABASE_URL', error);
  return isLost(error) || hasCode(error, machineCodes) ? unavailable(error) : error;
}

/** What went wrong where the tables were to be brought up to date, as {@link explain} has it. */
export function explainMigration(error: unknown): unknown {
  if (isReadOnly(error)) return readOnly('DATABASE_MIGRATION_URL', error);
  if (isOfTls(error)) return untrusted('DATABASE_MIGRATION_URL', error);
  if (error instanceof StoreError || !(isLost(error) || hasCode(error, machineCodes))) return error;
  return new StoreError(
    'unavailable',
    l10n.t(
      'The tables of the todo database could not be brought up to date ({0}). Nothing was changed. Check that DATABASE_MIGRATION_URL leads to the database of DATABASE_URL, with the role that owns its tables; then try again.',
      reason(error),
    ),
    { cause: error },
  );
}

/** The answer to a write whose end nobody has heard of. */
export function unknownEnd(cause: unknown): StoreError {
  return new StoreError(
    'unavailable',
    l10n.t(
      'The connection to the todo database was lost ({0}) before it said whether the change is kept. Look whether it is, then repeat it where it is not.',
      reason(cause),
    ),
    { cause },
  );
}

function busy(cause: unknown): StoreError {
  return new StoreError(
    'busy',
    l10n.t(
      'The todo database has too much to do at the moment ({0}). Nothing was changed; try again in a moment.',
      reason(cause),
    ),
    { cause },
  );
}

function unavailable(cause: unknown): StoreError {
  return new StoreError(
    'unavailable',
    l10n.t(
      'The todo database could not be used ({0}). Nothing was changed. Check that Postgres runs, that DATABASE_URL leads to it, and that its role has been given what it needs by a start with DATABASE_MIGRATION_URL; then try again.',
      reason(cause),
    ),
    { cause },
  );
}

/** The answer where nothing can be written. @param variable what the address is from */
export function readOnly(variable: string, cause?: unknown): StoreError {
  return new StoreError(
    'unavailable',
    l10n.t(
      'The todo database takes no changes: it is a standby, or was made read-only. Nothing was changed. Set {0} to the address of the primary, or let its role write.',
      variable,
    ),
    { cause },
  );
}

function untrusted(variable: string, cause: unknown): StoreError {
  if (cause instanceof Error && withoutTls.test(cause.message)) {
    return new StoreError(
      'unavailable',
      l10n.t(
        'The todo database does not speak TLS, which {0} asks for. Turn it on in Postgres; only where nobody else is on the way, write sslmode=disable.',
        variable,
      ),
      { cause },
    );
  }
  return new StoreError(
    'unavailable',
    l10n.t(
      'The certificate of the todo database is not trusted, or is for another name ({0}), so nothing was sent. Add the certificate of its authority to {1}, as sslrootcert=FILE, and check the name of the host and the date of this machine.',
      codesIn(cause).join(', '),
      variable,
    ),
    { cause },
  );
}

function isReadOnly(error: unknown): boolean {
  return hasCode(error, ['25006']) || (hasCode(error, ['0A000']) && inRecovery.test(messageOf(error)));
}

function isOfTls(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return false;
  return withoutTls.test(messageOf(error)) || codesIn(error).some(code => ofCertificate.test(code));
}

function isPoolFull(error: unknown): boolean {
  return error instanceof Error && fullPool.test(error.message);
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
  return codes.some(one => (one.length === 2 ? code.startsWith(one) : code === one));
}

/** The code where there is one: what a database says may show a value. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof pg.DatabaseError) return `${error.code ?? ''} ${error.message}`.trim();
  return codeOf(error).replace(/^Error: /, '');
}
