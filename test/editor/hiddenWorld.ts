import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../network/certificates.ts';
import { startTlsFront, type TlsFront } from '../tenant/tlsFront.ts';
import { hiddenServer, hiddenTenant, type HiddenWorld } from './parts.ts';

/** What stands before a tenant that only a proxy finds. */
export interface HiddenWorldServer {
  readonly front: TlsFront;
  /** What the suite must know of it. */
  readonly world: HiddenWorld;
  /** By which the editor's processes trust it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes its certificate and listens. @param profile the folder of everything that the editor writes */
export async function startHiddenWorld(profile: string): Promise<HiddenWorldServer> {
  const directory = join(profile, 'authority');
  const authority = createAuthority(directory);
  const certificate = authority.issue({ names: [`DNS:${hiddenTenant}`, `DNS:${hiddenServer}`] });
  const world: HiddenWorld = { key: join(directory, 'own.key'), cert: join(directory, 'own.pem'), profile };
  writeFileSync(world.key, certificate.key);
  writeFileSync(world.cert, certificate.cert);
  return {
    front: await startTlsFront(hiddenTenant, certificate),
    world,
    env: { NODE_EXTRA_CA_CERTS: authority.file },
  };
}
