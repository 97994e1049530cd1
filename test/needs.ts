import { accessSync, constants } from 'node:fs';
import which from 'which';

/** What a test may need that not every machine has. */
export type Need =
  'root' | 'Linux' | 'Linux on x64' | 'a POSIX system' | 'a keyring' | 'Chromium' | 'a display' | 'OpenSSL';

/** The browser of the tests. */
export const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

const hasProgram = (name: string) => which.sync(name, { nothrow: true }) !== null;

const all: Record<Need, { readonly isMet: () => boolean; readonly how: string }> = {
  root: {
    isMet: () => process.getuid?.() === 0,
    how: 'run the tests as root, in a container for example',
  },
  Linux: { isMet: () => process.platform === 'linux', how: 'run the tests on Linux' },
  'Linux on x64': {
    isMet: () => process.platform === 'linux' && process.arch === 'x64',
    how: 'run the tests on Linux, on such a machine',
  },
  'a POSIX system': { isMet: () => process.platform !== 'win32', how: 'run the tests on Linux or macOS' },
  'a keyring': {
    isMet: () => hasProgram('gnome-keyring-daemon') && hasProgram('dbus-daemon'),
    how: 'apt-get install gnome-keyring dbus',
  },
  Chromium: {
    isMet: () => isProgram(chromiumPath),
    how: 'apt-get install chromium, or set CHROMIUM_PATH',
  },
  'a display': {
    isMet: () =>
      process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']),
    how: 'xvfb-run npm test',
  },
  OpenSSL: { isMet: () => hasProgram('openssl'), how: 'apt-get install openssl' },
};

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How many tests were left out in this process, by what they need. */
export type LeftOut = Partial<Record<Need, number>>;
export const leftOut: LeftOut = {};

/**
 * Whether a test may be left out where the machine lacks what it needs: in CI only by a job that says so
 * (`OMNISPINDLE_TESTS=rootless`).
 */
export function mayLeaveOut(env: NodeJS.ProcessEnv = process.env): boolean {
  return !env['CI'] || env['CI'] === 'false' || env['OMNISPINDLE_TESTS'] === 'rootless';
}

/** How a person gets what a test needs. */
export const howToGet = (need: Need): string => all[need].how;

/** What of that this machine lacks. */
export const lacking = (needs: readonly Need[]): Need | undefined => needs.find(need => !all[need].isMet());

/** A suite whose tests and hooks need something of the machine: without it, none of them runs. */
export function describeNeeds(
  needs: readonly Need[],
  title: string,
  body: (this: Mocha.Suite) => void,
): void {
  describe(title, function () {
    const isLeftOut = lacking(needs) !== undefined && mayLeaveOut();
    // Mocha takes no hook of a suite that is pending.
    if (isLeftOut) this.pending = true;
    else suiteNeeds(...needs);
    body.call(this);
    if (isLeftOut) count(needs, this.total());
  });
}

/** Says for the suite it is called in what its tests need of the machine; hooks of the suite run anyway. */
export function suiteNeeds(...needs: Need[]): void {
  before(function () {
    leaveOut(this, needs, this.test?.parent?.total() ?? 1);
  });
}

/** A test that needs something of the machine. */
export function itNeeds(needs: readonly Need[], title: string, body: (this: Mocha.Context) => unknown): void {
  it(title, async function () {
    leaveOut(this, needs, 1);
    await body.call(this);
  });
}

/** @throws Error where nothing may be left out */
function leaveOut(context: Mocha.Context, needs: readonly Need[], tests: number): void {
  const need = lacking(needs);
  if (need === undefined) return;
  if (!mayLeaveOut()) {
    throw new Error(`In CI no test is left out, and this one needs ${need}: ${howToGet(need)}.`);
  }
  count(needs, tests);
  context.skip();
}

function count(needs: readonly Need[], tests: number): void {
  const need = lacking(needs);
  if (need) leftOut[need] = (leftOut[need] ?? 0) + tests;
}
