import type { SignInEvent } from '../sessions/signInEvent.ts';
import { signInWords } from '../sessions/signInWords.ts';
import { sayOnStderr } from './sayOnStderr.ts';

/** Says on stderr what a sign-in waits for. */
export function sayProgress(event: SignInEvent): void {
  sayOnStderr(signInWords(event));
}
