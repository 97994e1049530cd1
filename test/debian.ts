import { execFileSync } from 'node:child_process';

/**
 * Installs the Debian packages that are missing, which takes root.
 * @throws Error that says what to install by hand
 */
export function installDebianPackages(packages: readonly string[]): void {
  const missing = packages.filter(name => !isInstalled(name));
  if (missing.length === 0) return;
  const byHand = `Install what the tests need: apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) throw new Error(byHand);
  console.log(`Installing ${missing.join(', ')} …`);
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...missing);
  } catch (error) {
    throw new Error(byHand, { cause: error });
  }
}

function isInstalled(name: string): boolean {
  try {
    return execFileSync('dpkg-query', ['-W', '-f=${Status}', name], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .includes('install ok installed');
  } catch {
    return false;
  }
}
