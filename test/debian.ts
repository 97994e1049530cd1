import { execFileSync } from 'node:child_process';

/** Debian packages that the tests need are not there and cannot be installed. */
export class MissingPackages extends Error {
  /** What a person does about it. */
  readonly how: string;

  constructor(packages: readonly string[], options?: ErrorOptions) {
    const how = `apt-get install ${packages.join(' ')}`;
    super(`Install what the tests need: ${how}`, options);
    this.how = how;
  }
}

/**
 * Installs the Debian packages that are missing, which takes root.
 * @throws MissingPackages
 */
export function installDebianPackages(packages: readonly string[]): void {
  const missing = packages.filter(name => !isInstalled(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) throw new MissingPackages(missing);
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
    throw new MissingPackages(missing, { cause: error });
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
