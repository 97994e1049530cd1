import { installDebianPackages } from './debian.ts';

/** What the tests outside the editor need of the machine: a browser and a keychain. */
export function installTestSystem(): void {
  installDebianPackages(['chromium', 'gnome-keyring', 'dbus']);
}
