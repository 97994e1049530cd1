import { createInterface } from 'node:readline/promises';
import * as l10n from '@vscode/l10n';
import { plainText } from '../common/plainText.ts';
import { wrap } from './wrap.ts';

/**
 * Asks a question on stderr and reads the answer as a line of stdin, from a person or from a script.
 * @returns true only where the answer is "y" or "yes", or that in the person's language; the end of the input is a no
 */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>(resolve => {
    lines.once('close', () => {
      resolve('');
    });
  });
  // Its first letter is the person's own for a yes; scripts write "y" whatever the language.
  const choice = l10n.t('[y/N]');
  const yes = ['y', 'yes', /\p{L}/u.exec(choice)?.[0] ?? 'y', l10n.t('Yes')];
  try {
    const asked = wrap(`${plainText(question)} ${choice} `, process.stderr.columns);
    const answer = await Promise.race([lines.question(asked), ended]);
    return yes.some(word => word.toLowerCase() === answer.trim().toLowerCase());
  } finally {
    lines.close();
  }
}
