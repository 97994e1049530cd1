import { plainText } from '../common/plainText.ts';
import { redact } from '../common/redact.ts';

/**
 * Text as a notification may show it. The editor makes links of `[text](address)` there, and runs commands by
 * them: names and errors from outside must not have any.
 */
export function notice(text: string): string {
  return redact(plainText(text)).replaceAll('](', '] (');
}
