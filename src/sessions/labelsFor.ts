import { plainLine } from '../common/plainText.ts';
import type { Session } from './session.ts';

/** What Auth0's `sub` begins with, as people know it. */
const connections: Readonly<Record<string, string>> = {
  auth0: 'password',
  'google-oauth2': 'Google',
  github: 'GitHub',
  windowslive: 'Microsoft',
  waad: 'Microsoft Entra ID',
  apple: 'Apple',
  facebook: 'Facebook',
  linkedin: 'LinkedIn',
  twitter: 'X',
};

/**
 * The labels that an account may have, the shortest first; no other account of whatever tenant can have the last one. They
 * are not translated: an account keeps its label also where the language changes.
 * @example
 * import { labelsFor } from './labelsFor.ts';
 *
 * const tenant = { domain: 'example.eu.auth0.com', clientId: 'abc', audience: 'https://example.com/' };
 * const account = { id: 'google-oauth2|1', label: 'ada@example.com', email: 'ada@example.com' };
 * // 'ada@example.com', 'ada@example.com (Google)', 'ada@example.com (example.eu.auth0.com)' and so on
 * const labels: readonly string[] = labelsFor({ tenant, account });
 */
export function labelsFor({ account, tenant }: Pick<Session, 'account' | 'tenant'>): readonly string[] {
  const { id, email, name, organization } = account;
  const base = email || name || plainLine(id);
  const group = organization?.name ?? organization?.id;
  const connection = connectionOf(id);
  const host = tenant.domain.replace(/^https?:\/\//i, '');
  return [
    [group],
    [group, connection],
    [group, host],
    [group, connection, host],
    [organization?.id, plainLine(id), host],
  ].map(parts => {
    const given = parts.filter(part => part !== undefined);
    return given.length > 0 ? `${base} (${given.join(', ')})` : base;
  });
}

function connectionOf(sub: string): string {
  const [name = ''] = sub.split('|');
  return connections[name] ?? plainLine(name, 40);
}
