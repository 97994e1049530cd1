import { installDebianPackages } from './debian.ts';

/** What the tests outside the editor need of the machine: a browser, a keychain and certificates. */
export function installTestSystem(): void {
  installDebianPackages(['chromium', 'gnome-keyring', 'dbus', 'openssl']);
}
