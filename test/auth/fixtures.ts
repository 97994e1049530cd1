import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthenticator, type Authenticator } from '../../src/sessions/authenticator.ts';
import { createFileStore } from '../../src/sessions/fileStore.ts';
import { isOmnispindleError, type ErrorCode } from '../../src/common/errors.ts';
import { loopbackFlow } from '../../src/auth/flows/loopback.ts';
import type { Flow, SignInUi } from '../../src/auth/flows/flow.ts';
import type { Log } from '../../src/common/log.ts';
import { createSignIn } from '../../src/sessions/signIn.ts';
import type { SessionStore } from '../../src/sessions/sessionStore.ts';
import type { Tenant } from '../../src/auth/tenant.ts';
import {
  signInByForm,
  type CookieJar,
  type GooglePerson,
  type Person,
  type TurnedAway,
} from '../tenant/browserless.ts';
import { callbackPort } from '../tenant/callbackPort.ts';

/** That work fails with that code, and says that. */
export function failsWith(work: Promise<unknown>, code: ErrorCode, saying = /./): Promise<void> {
  return assert.rejects(work, error => isOmnispindleError(error, code) && saying.test(error.message));
}

/** A log that keeps what it is told, so that tests can see that no secret is in it. */
export function memoryLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string) => {
    lines.push(message);
  };
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}

/** A folder of the test's own, removed after it. */
export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'omnispindle-test-'));
  return {
    path,
    remove: () => {
      // A process that is just ending may write into it meanwhile.
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Registers mocha hooks that give each test of the suite a folder. @returns it, to be read while a test runs */
export function useDirectory(): { readonly path: string } {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => {
    directory.remove();
  });
  return {
    get path() {
      return directory.path;
    },
  };
}

/** Registers mocha hooks that give the suite one folder, for tests that do not mind each other's. @returns it, as above */
export function useSharedDirectory(): { readonly path: string } {
  let directory: ReturnType<typeof temporaryDirectory>;
  before(() => {
    directory = temporaryDirectory();
  });
  after(() => {
    directory.remove();
  });
  return {
    get path() {
      return directory.path;
    },
  };
}

type Anybody = Person | GooglePerson | TurnedAway;

/** A ui whose browser signs in by itself, as that person. @returns it with the addresses it opened */
function browserlessUi(person?: Anybody, cookies?: CookieJar): SignInUi & { opened: string[] } {
  const opened: string[] = [];
  return {
    opened,
    openBrowser(url) {
      opened.push(url);
      void signInByForm(url, person, cookies).catch(() => undefined);
      return Promise.resolve(true);
    },
    async showDeviceCode({ verificationUriComplete, verificationUri }) {
      opened.push(verificationUriComplete ?? verificationUri);
      await signInByForm(verificationUriComplete ?? verificationUri, person, cookies);
    },
  };
}

export interface AuthenticatorFixture {
  readonly authenticator: Authenticator;
  readonly store: SessionStore;
  readonly ui: SignInUi & { opened: string[] };
  readonly log: ReturnType<typeof memoryLog>;
}

/**
 * An authenticator as a terminal has it, with files in that directory and a browser that needs nobody; with `cookies` it
 * is remembered by the tenant from sign-in to sign-in.
 */
export function testAuthenticator(
  tenant: Tenant,
  directory: string,
  {
    person,
    cookies,
    flows = [loopbackFlow({ port: callbackPort })],
  }: { person?: Anybody; cookies?: CookieJar; flows?: readonly Flow[] } = {},
): AuthenticatorFixture {
  const log = memoryLog();
  const ui = browserlessUi(person, cookies);
  const store = createFileStore(join(directory, 'sessions'), log);
  const signIn = createSignIn({
    flows,
    surroundings: () => ({ host: 'terminal', browserReachesLoopback: true }),
    ui,
    log,
  });
  return {
    authenticator: createAuthenticator({ tenant: () => tenant, store, directory, log, signIn }),
    store,
    ui,
    log,
  };
}
