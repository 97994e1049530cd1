import tls from 'node:tls';
import { networkSettings } from '../common/networkSettings.ts';

let isDone = false;

/**
 * Trusts what the operating system trusts, besides what Node.js does, where the editor that started us is set to: before
 * the first connection, because to read it takes time on some systems. It counts for this process (Node.js API,
 * `tls.setDefaultCACertificates`).
 */
export function trustSystem(): void {
  if (isDone || !networkSettings().systemCertificates) return;
  isDone = true;
  try {
    const trusted = [...tls.getCACertificates('default'), ...tls.getCACertificates('system')];
    tls.setDefaultCACertificates([...new Set(trusted)]);
  } catch {
    // A certificate that cannot be read there is one that Node.js would not use.
  }
}
