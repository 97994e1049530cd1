import { createHash, randomBytes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../common/errors.ts';
import type { Seal } from './fileStore.ts';
import { askKeychain, KeychainRefused, KeychainSilent } from '../platform/keychainProcess.ts';
import { withLock } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { ensurePrivateDirectory } from '../platform/paths.ts';
import { writePrivateFile } from '../platform/privateFile.ts';
import { sessionBusAddress } from '../platform/sessionBus.ts';
import type { Unsealed } from './storeWarnings.ts';

/** What the keychain gives: a seal, or why it does not. */
export interface Keychain {
  readonly seal?: Seal;
  readonly unsealed?: Unsealed;
  readonly state: 'open' | 'locked' | 'silent' | 'absent';
  /** Whether our key is in it. */
  readonly hasKey: boolean;
}

/** Says that sessions were sealed here once: what is in plain text later is said. */
const sealedMark = 'sealed-once';

const opened = new Map<string, Promise<Keychain>>();

/**
 * Opens the operating system's keychain, once a process: a seal (AES-256-GCM, as compact JWE, RFC 7516) whose
 * key lives there. Only a key is kept there, because a session is longer than what Windows' Credential
 * Manager holds (2,560 bytes).
 * @param directory the user's own, for the lock under which the key is made
 * @param options.make whether a key is made where there is none
 * @param options.patience how long (ms) it may take to give the key; 15,000 where absent
 */
export function openKeychain(
  directory: string,
  log: Log,
  { make = true, patience }: { make?: boolean; patience?: number } = {},
): Promise<Keychain> {
  const known = opened.get(directory) ?? open(directory, log, make, patience);
  opened.set(directory, known);
  return known;
}

async function open(directory: string, log: Log, make: boolean, patience?: number): Promise<Keychain> {
  try {
    const address = busAddress();
    const found = await askKeychain('get', address, { ...(patience !== undefined && { patience }) });
    const key = found === undefined && make ? await makeKey(directory, log, address) : parseKey(found);
    if (!key) return { state: 'open', hasKey: false };
    if (make) await markSealed(directory, log);
    return { state: 'open', hasKey: true, seal: sealWith(key) };
  } catch (error) {
    const state = stateOf(error);
    const why = describe(state, messageOf(error));
    log.info(l10n.t('{0} Sign-ins are kept in files only you can read.', why));
    return { state, hasKey: false, unsealed: { why, wasSealed: await exists(join(directory, sealedMark)) } };
  }
}

function stateOf(error: unknown): 'locked' | 'silent' | 'absent' {
  if (error instanceof KeychainSilent) return 'silent';
  // An error of ours says that there is no keychain to ask.
  if (!(error instanceof KeychainRefused)) return 'absent';
  if (/did not receive a reply/i.test(error.message)) return 'silent';
  return /\block|prompt|interaction/i.test(error.message) ? 'locked' : 'absent';
}

function describe(state: ReturnType<typeof stateOf>, reason: string): string {
  switch (state) {
    case 'locked':
      return l10n.t('The keychain is locked ({0}).', reason);
    case 'silent':
      return l10n.t('The keychain does not answer ({0}).', reason);
    case 'absent':
      return l10n.t('There is no keychain to use here ({0}).', reason);
  }
}

/** @throws Error where there is no session bus, which Linux's keychains are on */
function busAddress(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const address = sessionBusAddress();
  if (address !== undefined) return address;
  throw new Error(l10n.t('no session bus: DBUS_SESSION_BUS_ADDRESS is not set'));
}

function makeKey(directory: string, log: Log, address: string | undefined): Promise<Uint8Array> {
  return withLock(directory, 'keychain', log, async () => {
    const made = parseKey(await askKeychain('get', address));
    if (made) return made;
    const fresh = randomBytes(32);
    await askKeychain('set', address, { value: fresh.toString('base64') });
    return fresh;
  });
}

/** @throws Error where it is not a key of ours: what another version put there is not replaced */
function parseKey(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const key = Buffer.from(text, 'base64');
  if (key.length === 32) return key;
  throw new Error(l10n.t('its entry "omnispindle" is of another version'));
}

function sealWith(key: Uint8Array): Seal {
  const fingerprint = createHash('sha256').update('omnispindle').update(key).digest('hex').slice(0, 16);
  return {
    fingerprint,
    async seal(text) {
      const { CompactEncrypt } = await import('jose');
      return new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(key);
    },
    async unseal(text) {
      const { compactDecrypt } = await import('jose');
      try {
        const { plaintext } = await compactDecrypt(text, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        return new TextDecoder().decode(plaintext);
      } catch {
        return undefined;
      }
    },
  };
}

async function markSealed(directory: string, log: Log): Promise<void> {
  const path = join(directory, sealedMark);
  if (await exists(path)) return;
  // A disk that is full costs a warning later, not the keychain now.
  await ensurePrivateDirectory(directory, log)
    .then(() => writePrivateFile(path, ''))
    .catch(() => undefined);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Deletes our key from the keychain. @throws Error in the keychain's words */
export async function deleteKey(): Promise<void> {
  await askKeychain('delete', busAddress());
}
