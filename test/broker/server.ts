import process from 'node:process';
import { signInWords } from '../../src/sessions/signInWords.ts';
import { isOmnispindleError } from '../../src/common/errors.ts';
import type { TokenRequest } from '../../src/sessions/tokenSource.ts';
import { createBrokerTokenSource } from '../../src/broker/client.ts';

/** What a test has it ask for. */
export type Wanted = Pick<TokenRequest, 'audience' | 'rejected' | 'scopes' | 'hints'>;

/** What a test tells this server to do. */
export type Order =
  | { readonly id: number; readonly ask: Wanted }
  | { readonly id: number; readonly cancel: true }
  /** Closes the line to the test; whatever then keeps this process alive is the client's doing. */
  | { readonly letGo: true };

/** What it tells the test, about the order of that number. */
export type Answer =
  | { readonly id: number; readonly progress: string }
  | { readonly id: number; readonly token: string; readonly label: string | undefined }
  | { readonly id: number; readonly code: string; readonly message: string };

// A server of the editor's, reduced to its broker client: asks for tokens when a test orders it to.
const source = createBrokerTokenSource(process.env);
if (!source) throw new Error('The environment names no broker.');
const pending = new Map<number, AbortController>();
const tell = (answer: Answer) => process.send?.(answer);

process.on('message', (order: Order) => {
  if ('letGo' in order) process.disconnect();
  else if ('cancel' in order) pending.get(order.id)?.abort();
  else void ask(order.id, order.ask);
});

async function ask(id: number, request: Wanted) {
  const stop = new AbortController();
  pending.set(id, stop);
  try {
    const { accessToken, account } = await source!.getToken({
      ...request,
      signal: stop.signal,
      onProgress: event => tell({ id, progress: signInWords(event) }),
    });
    tell({ id, token: accessToken, label: account?.label });
  } catch (error) {
    tell({ id, code: isOmnispindleError(error) ? error.code : String(error), message: String(error) });
  } finally {
    pending.delete(id);
  }
}
