import assert from 'node:assert/strict';
import type { BrowserWait, Flow, Grant, SignInUi, Surroundings } from '../../src/auth/flows/flow.ts';
import type { FlowName } from '../../src/auth/flows/names.ts';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { isOmnispindleError, OmnispindleError, type ErrorCode } from '../../src/common/errors.ts';
import { unlessAborted } from '../../src/common/unlessAborted.ts';
import { createSignIn } from '../../src/sessions/signIn.ts';
import { signInWords } from '../../src/sessions/signInWords.ts';
import { memoryLog } from '../auth/fixtures.ts';

export const here: Surroundings = { host: 'desktop', browserReachesLoopback: true };
export const elsewhere: Surroundings = { host: 'remote', browserReachesLoopback: false };

/** The page that {@link waiting} opens. */
export const loginPage = 'https://login.example/';

const grantOf = (name: FlowName): Grant => ({
  accessToken: name,
  expiresInSeconds: 1,
  scopes: [],
  account: { id: 'ada', label: 'Ada' },
});

/** A flow that grants nothing but its name. */
export const granting =
  (name: FlowName): Flow['run'] =>
  () =>
    Promise.resolve(grantOf(name));

/** A flow that fails as it is told. */
export const failing =
  (code: ErrorCode): Flow['run'] =>
  () =>
    Promise.reject(new OmnispindleError(code, `It is ${code}.`));

/** A flow that opens its page and waits for ever. */
export const waiting: Flow['run'] = async ({ ui, signal }) => {
  await ui.openBrowser(loginPage);
  return unlessAborted(new Promise<Grant>(() => undefined), signal);
};

/** A flow that opens its page and ends when, and as, a test says. */
export function heldFlow(name: FlowName) {
  const { promise: granted, resolve, reject } = Promise.withResolvers<Grant>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<AbortSignal>();
  let runs = 0;
  return {
    /** Its signal, once it has opened its page. */
    begun,
    runs: () => runs,
    grant: () => {
      resolve(grantOf(name));
    },
    fail: (code: ErrorCode) => {
      reject(new OmnispindleError(code, `It is ${code}.`));
    },
    flow: [
      name,
      async ({ ui, signal }) => {
        runs++;
        await ui.openBrowser(`${loginPage}${name}`);
        begin(signal);
        return unlessAborted(granted, signal);
      },
    ] satisfies [FlowName, Flow['run']],
  };
}

interface Circumstances {
  readonly flow?: FlowName | 'auto';
  readonly surroundings?: Surroundings;
  readonly ui?: Partial<SignInUi>;
}

/** Begins a sign-in by those flows, with a person who sees everything and does nothing. */
export function signInBy(
  flows: readonly (readonly [FlowName, Flow['run']])[],
  { flow = 'auto', surroundings = here, ui = {} }: Circumstances = {},
) {
  const progress: string[] = [];
  const shown = Promise.withResolvers<BrowserWait>();
  const told: string[] = [];
  const stop = new AbortController();
  const log = memoryLog();
  let open = 0;
  const signIn = createSignIn({
    flows: flows.map(([name, run]) => ({ name, run })),
    surroundings: () => surroundings,
    ui: {
      openBrowser: () => Promise.resolve(true),
      showDeviceCode: () => Promise.resolve(),
      waiting: wait => {
        open++;
        shown.resolve(wait);
        return {
          notOpened: () => told.push(`${wait.flow}: not opened`),
          givenUp: reason => told.push(`${wait.flow}: ${reason ?? 'given up'}`),
          dispose: () => open--,
        };
      },
      ...ui,
    },
    log,
    flow: () => flow,
  });
  const granted = signIn({
    tenant: defaultTenant,
    audience: defaultTenant.audience,
    scopes: [],
    hints: {},
    signal: stop.signal,
    onProgress: event => progress.push(signInWords(event)),
  });
  granted.catch(() => undefined);
  return { granted, progress, shown: shown.promise, told, log, stop, open: () => open };
}

/** The name of the flow that granted. */
export async function by(granted: Promise<Grant>): Promise<string> {
  return (await granted).accessToken;
}

export function endsWith(granted: Promise<Grant>, code: ErrorCode, saying = /./): Promise<void> {
  return assert.rejects(granted, error => isOmnispindleError(error, code) && saying.test(error.message));
}
