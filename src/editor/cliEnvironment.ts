import * as vscode from 'vscode';
import type { Tenant } from '../auth/tenant.ts';
import { localeVariable } from '../broker/variables.ts';

/**
 * What a command of ours finds in its environment that this extension runs: what the person's terminal would have, in
 * their language, and that tenant.
 */
export function cliEnvironment({ domain, clientId, audience, organization }: Tenant): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:ELECTRON_|VSCODE_|AUTH0_)|^NODE_OPTIONS$/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    [localeVariable]: vscode.env.language,
    AUTH0_DOMAIN: domain,
    AUTH0_CLIENT_ID: clientId,
    AUTH0_AUDIENCE: audience,
    ...(organization !== undefined && { AUTH0_ORGANIZATION: organization }),
  };
}
