import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../network/certificates.ts';
import { startTlsFront, type TlsFront } from '../tenant/tlsFront.ts';
import { hiddenServer, hiddenTenant, type HiddenWorld } from './parts.ts';

/** What stands before a tenant that only a proxy finds, and what the suite must know of it. */
export async function startHiddenWorld(
  profile: string,
): Promise<{ readonly front: TlsFront; readonly env: Record<string, string> }> {
  const directory = join(profile, 'authority');
  const authority = createAuthority(directory);
  const certificate = authority.issue({ names: [`DNS:${hiddenTenant}`, `DNS:${hiddenServer}`] });
  const world: HiddenWorld = { key: join(directory, 'own.key'), cert: join(directory, 'own.pem'), profile };
  writeFileSync(world.key, certificate.key);
  writeFileSync(world.cert, certificate.cert);
  return {
    front: await startTlsFront(hiddenTenant, certificate),
    env: { NODE_EXTRA_CA_CERTS: authority.file, OMNISPINDLE_SUITE_HIDDEN: JSON.stringify(world) },
  };
}
