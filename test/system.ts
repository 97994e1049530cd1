import { installDebianPackages, MissingPackages } from './debian.ts';
import { mayLeaveOut } from './needs.ts';

/**
 * Installs what the tests outside the editor need of the machine: a browser, a keychain, certificates, and
 * networks of their own. Where that cannot be, each test that needs one of them is left out.
 * @throws MissingPackages where nothing may be left out
 */
export function installTestSystem(): void {
  try {
    installDebianPackages(['chromium', 'gnome-keyring', 'dbus', 'openssl', 'iproute2']);
  } catch (error) {
    if (!(error instanceof MissingPackages) || !mayLeaveOut()) throw error;
  }
}
