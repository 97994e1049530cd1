import { installDebianPackages } from './debian.ts';

/** What the tests outside the editor need of the machine: a browser, a keychain, certificates, and networks of their own. */
export function installTestSystem(): void {
  installDebianPackages(['chromium', 'gnome-keyring', 'dbus', 'openssl', 'iproute2']);
}
