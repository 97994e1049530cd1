import { readdir } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { openKeychain } from '../../../sessions/keychain.ts';
import { messageOf } from '../../../common/errors.ts';
import { noLog } from '../../../common/log.ts';
import { ensurePrivateDirectory, sessionsDirectory, userDirectory } from '../../../platform/paths.ts';
import { createFileStore } from '../../../sessions/fileStore.ts';
import { parseFileName } from '../../../sessions/sessionFiles.ts';
import type { Finding } from './finding.ts';

/** Where sessions are kept, and with which key they are sealed: a line for each. */
export async function sessions(): Promise<Finding[]> {
  return Promise.all([keychain(), directory()]);
}

/** Whether sessions are sealed with a key from the keychain, and whether all that were can be opened. */
async function keychain(): Promise<Finding> {
  const check = l10n.t('Keychain');
  const { seal, unsealed, state } = await openKeychain(userDirectory(), noLog);
  const names = await readdir(sessionsDirectory()).catch(() => []);
  const files = names.map(parseFileName).filter(file => file !== undefined);
  const sealed = files.filter(({ kind }) => kind === 'sealed');
  if (!seal) {
    const advice =
      state === 'absent'
        ? l10n.t('To have them encrypted, unlock it, or install one (gnome-keyring for example).')
        : l10n.t('To have them encrypted, unlock it.');
    if (sealed.length === 0) {
      return { check, ok: true, warning: true, message: `${unsealed?.why ?? ''} ${advice}` };
    }
    const lost = l10n.t(
      '{0} sign-ins are sealed with a key from it and cannot be read here. Unlock it, or start this from your desktop session.',
      String(sealed.length),
    );
    return { check, ok: false, message: `${unsealed?.why ?? ''} ${lost}` };
  }
  const foreign = sealed.filter(({ fingerprint = seal.fingerprint }) => fingerprint !== seal.fingerprint);
  if (foreign.length > 0) {
    const message = l10n.t(
      '{0} sign-ins are sealed with another key than the one it has now. Restore that keychain, or remove them with: omnispindle logout --all',
      String(foreign.length),
    );
    return { check, ok: false, message };
  }
  const message = l10n.t('sessions are encrypted with a key from it.');
  if (!files.some(({ kind }) => kind === 'plain')) return { check, ok: true, message };
  const plain = l10n.t(
    'Some began without it and are in plain files. To have them encrypted: omnispindle logout, then omnispindle login',
  );
  return { check, ok: true, warning: true, message: `${message} ${plain}` };
}

async function directory(): Promise<Finding> {
  const check = l10n.t('Sessions');
  const path = sessionsDirectory();
  try {
    await ensurePrivateDirectory(userDirectory(), noLog);
    await createFileStore(path, noLog).probe();
    return { check, ok: true, message: l10n.t('they can be kept in {0}.', path) };
  } catch (error) {
    return { check, ok: false, message: messageOf(error) };
  }
}
