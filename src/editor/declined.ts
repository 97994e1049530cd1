import { AuthError } from '../auth/authError.ts';

/** That the person said no to a question of the editor, which needs no more words than what to do now. */
export class DeclinedError extends AuthError {
  constructor(message: string) {
    super('access_denied', message);
  }
}
