import { retryOnWindows } from './retryOnWindows.ts';

/** Writes a file that only its owner can read (0600); whoever reads it meanwhile finds all of the old or of the new. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await retryOnWindows(() => writeFileAtomic(path, text, { mode: 0o600 }));
}
