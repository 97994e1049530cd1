import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';

/** Where our key is in the keychain. */
const entry = ['omnispindle', 'session-key'];
/** How long (ms) the keychain may take, where nobody says otherwise: a person who sees a prompt types a password meanwhile. */
const usualPatience = 15_000;

/**
 * What runs in the other process: the value to set comes in on stdin, since argument lists are read by
 * others. On Linux only the Secret Service counts: the kernel's keyring forgets everything at a reboot.
 */
const script = `
const [library, work, ...entry] = process.argv.slice(1);
let value = '';
process.stdin.setEncoding('utf8').on('data', async chunk => {
  value += chunk;
  if (!value.endsWith('\\n')) return;
  value = value.trim();
  let said;
  try {
    const keychain = new (require(library).AsyncEntry)(...entry, { linux: { store: 'secret-service' } });
    if (work === 'get') said = { value: await keychain.getPassword() };
    if (work === 'set') said = { value: (await keychain.setPassword(value), value) };
    if (work === 'delete') said = { value: (await keychain.deleteCredential()) ? 'deleted' : null };
  } catch (error) {
    said = { error: String(error?.message ?? error) };
  }
  process.stdout.write(JSON.stringify(said), () => process.exit());
});
// Whoever asked is gone.
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));`;

const answerSchema = z.object({ value: z.nullish(z.string()), error: z.optional(z.string()) });

/** The keychain gave no answer in time, as one does whose prompt nobody sees. */
export class KeychainSilent extends Error {
  /** @param patience how long (ms) it was waited for */
  constructor(patience: number) {
    super(l10n.t('it did not answer within {0} seconds', String(patience / 1_000)));
  }
}

/** The keychain refused, in its own words: the library has no code for the reason. */
export class KeychainRefused extends Error {}

/**
 * Reads, sets or deletes our entry in the operating system's keychain, in a process of its own: the library
 * waits inside the system's calls, for a prompt as long as it is open, and nothing but the end of the process
 * stops it, not even the end of ours.
 * @param busAddress of the session bus, on Linux
 * @param options.value what to set
 * @param options.patience how long (ms) the keychain may take
 * @returns the value; undefined where there is none
 * @throws KeychainRefused, KeychainSilent, Error where it could not be asked
 */
export async function askKeychain(
  work: 'get' | 'set' | 'delete',
  busAddress: string | undefined,
  { value = '', patience = usualPatience }: { value?: string; patience?: number } = {},
): Promise<string | undefined> {
  const library = createRequire(import.meta.url).resolve('@napi-rs/keyring');
  const child = spawn(process.execPath, ['-e', script, library, work, ...entry], {
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
    env: {
      ...process.env,
      // In an editor's or another desktop program's Node.js; and what a person debugs is not this.
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: undefined,
      ...(busAddress !== undefined && { DBUS_SESSION_BUS_ADDRESS: busAddress }),
    },
  });
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  let timer: NodeJS.Timeout | undefined;
  try {
    const failed = new Promise<never>((_resolve, reject) => {
      child.once('error', reject);
      timer = setTimeout(() => {
        reject(new KeychainSilent(patience));
      }, patience);
    });
    child.stdin.on('error', () => undefined).write(`${value}\n`);
    const said = await Promise.race([text(child.stdout), failed]);
    if (said === '') throw new Error(l10n.t('the process that asked it ended without an answer'));
    const answer = answerSchema.parse(JSON.parse(said));
    if (answer.error !== undefined) throw new KeychainRefused(answer.error);
    return answer.value ?? undefined;
  } finally {
    clearTimeout(timer);
    process.off('exit', stop);
    stop();
  }
}
