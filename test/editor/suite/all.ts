import { apart, type SuitePart } from '../parts.ts';
import { person } from './helpers.ts';

const parts: Record<SuitePart, () => Promise<unknown>> = {
  walkthrough: () => import('./walkthrough.ts'),
  signIn: () => import('./signIn.ts'),
  callback: () => import('./callback.ts'),
  account: () => import('./account.ts'),
  accounts: () => import('./accounts.ts'),
  audiences: () => import('./audiences.ts'),
  windows: () => import('./windows.ts'),
  renewal: () => import('./renewal.ts'),
  servers: () => import('./servers.ts'),
  teamServer: () => import('./teamServer.ts'),
  organizations: () => import('./organizations.ts'),
  secretStorage: () => import('./secretStorage.ts'),
  autostart: () => import('./autostart.ts'),
  agentHost: () => import('./agentHost.ts'),
  restricted: () => import('./restricted.ts'),
  virtual: () => import('./virtual.ts'),
  proxied: () => import('./proxied.ts'),
  serverSecrets: () => import('./serverSecrets.ts'),
  ownSignIn: () => import('./ownSignIn.ts'),
  language: () => import('./language.ts'),
  pictures: () => import('./pictures.ts'),
};

/** Defines the suites of those parts, in the order above; of all but those apart where none is named. */
export async function defineSuites(wanted: readonly string[]): Promise<void> {
  for (const [name, define] of Object.entries(parts)) {
    const isWanted = wanted.length === 0 ? !apart.includes(name as SuitePart) : wanted.includes(name);
    if (isWanted) await define();
  }
  afterEach(async function () {
    const { state, title } = this.currentTest ?? {};
    if (state === 'failed') await person.screenshot(`failed ${title?.slice(0, 60) ?? ''}`);
  });
}
