import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../common/errors.ts';

/** What Windows says while another program, such as a virus scanner, has the file or directory open. */
const passing = new Set(['EACCES', 'EBUSY', 'EPERM']);
/** Waits (ms) between two tries. */
const waits = [5, 10, 20, 40, 80, 160, 320];

/**
 * Tries again where Windows refuses for a moment: to replace a file that is being read, or to make a
 * directory again that is being removed. Other systems do both, so there it is tried once.
 * @throws what the last try threw
 */
export async function retryOnWindows<T>(work: () => Promise<T>): Promise<T> {
  for (const wait of process.platform === 'win32' ? waits : []) {
    try {
      return await work();
    } catch (error) {
      if (!passing.has(codeOf(error))) throw error;
      await delay(wait);
    }
  }
  return work();
}
