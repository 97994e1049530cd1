import { lstatSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The address of this user's D-Bus session bus (D-Bus Specification, "Well-known Message Bus Instances"):
 * what the environment says, else the place where systemd has it, since clients start their servers without
 * that variable. A bus there counts only where its directory and socket are this user's own: whoever answers
 * could give us a key of theirs.
 * @returns undefined where there is none
 */
export function sessionBusAddress(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['DBUS_SESSION_BUS_ADDRESS'];
  if (named) return named;
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  const directory = [env['XDG_RUNTIME_DIR'], `/run/user/${String(uid)}`].find(
    place => place?.startsWith('/') && isBusOf(uid, place),
  );
  return directory === undefined ? undefined : `unix:path=${escaped(join(directory, 'bus'))}`;
}

function isBusOf(uid: number, directory: string): boolean {
  const place = lstatSync(directory, { throwIfNoEntry: false });
  if (!place?.isDirectory() || place.uid !== uid || (place.mode & 0o022) !== 0) return false;
  const bus = lstatSync(join(directory, 'bus'), { throwIfNoEntry: false });
  return bus?.isSocket() === true && bus.uid === uid;
}

/** As values of an address are written (D-Bus Specification, "Server Addresses"). */
function escaped(path: string): string {
  return path.replaceAll(/[^-\w/.]/g, character =>
    [...Buffer.from(character)].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}
