import * as l10n from '@vscode/l10n';
import type { Account } from '../../../sessions/account.ts';

/**
 * What `omnispindle status --json` prints, for programs: fields are added, and none changes its meaning or goes away in
 * a version with the same first number. Nothing in it depends on the language. `docs/json.md` has it, too.
 */
export interface StatusReport {
  /** Whether a tool could run now as somebody, without a sign-in; then the exit code is 0, else 3. */
  readonly ready: boolean;
  readonly tenant: {
    readonly domain: string;
    readonly audience: string;
    readonly organization?: string;
  };
  readonly accounts: readonly AccountReport[];
  /** There where `AUTH0_TOKEN` is set, which is used instead of any account. */
  readonly environmentToken?: {
    readonly valid: boolean;
    /** The settings file that it is from; absent where it is from the environment itself. */
    readonly file?: string;
  };
  /** How many accounts of other tenants are kept. */
  readonly otherTenants: number;
  readonly sessions: {
    readonly directory: string;
    /** Whether with a key from the keychain. */
    readonly encrypted: boolean;
  };
}

/** One account that is signed in at the tenant, the latest first. */
interface AccountReport extends Account {
  /** Whether it is the one that is used where none is named. */
  readonly active: boolean;
  /** When the access token ends (ISO 8601, UTC). */
  readonly expiresAt: string;
  /** Whether it is renewed then, without a sign-in. */
  readonly renewable: boolean;
  /** The other APIs that it has tokens for. */
  readonly audiences: readonly string[];
  /** The command that signs it in again, where it is not renewed. */
  readonly command?: string;
}

/** What each field of {@link StatusReport} is, for the help. */
export function statusFields(): readonly (readonly [field: string, meaning: string])[] {
  const fields: Readonly<Record<keyof StatusReport, string>> = {
    ready: l10n.t('whether a tool could run now without a sign-in'),
    tenant: 'domain, audience, organization',
    accounts: 'id, label, name, email, organization, active, expiresAt, renewable, audiences, command',
    environmentToken: l10n.t('valid, file; there where AUTH0_TOKEN is used instead of an account'),
    otherTenants: l10n.t('how many accounts of other tenants are kept'),
    sessions: 'directory, encrypted',
  };
  return Object.entries(fields);
}
