import { randomBytes } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { messageOf } from './errors.ts';
import type { Seal } from './fileStore.ts';
import { withLock } from './lock.ts';
import type { Log } from './log.ts';

const service = 'omnispindle';
const account = 'session-key';

/**
 * A seal (AES-256-GCM, as compact JWE, RFC 7516) whose key lives in the operating system's keychain;
 * undefined where there is no keychain. Only a key is kept there, because a session is longer than what
 * Windows' Credential Manager holds (2,560 bytes).
 *
 * On Linux only the Secret Service counts: the kernel's keyring forgets everything at a reboot.
 */
export async function keychainSeal(directory: string, log: Log): Promise<Seal | undefined> {
  const key = await keychainKey(directory, log);
  if (!key) return undefined;
  return {
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

async function keychainKey(directory: string, log: Log): Promise<Uint8Array | undefined> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring');
    const entry = new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
    return (
      (await readKey(entry)) ??
      (await withLock(directory, 'keychain', log, async () => {
        const known = await readKey(entry);
        if (known) return known;
        const fresh = randomBytes(32);
        await entry.setPassword(fresh.toString('base64'));
        return fresh;
      }))
    );
  } catch (error) {
    log.info(
      l10n.t(
        'There is no keychain to use here ({0}); sign-ins are kept in files only you can read.',
        messageOf(error),
      ),
    );
    return undefined;
  }
}

async function readKey(entry: {
  getPassword(): Promise<string | null | undefined>;
}): Promise<Uint8Array | undefined> {
  const key = Buffer.from((await entry.getPassword()) ?? '', 'base64');
  return key.length === 32 ? key : undefined;
}
