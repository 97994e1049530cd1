import type { BrokerTokenSource } from '../broker/client.ts';
import type { ServerSecrets } from '../broker/serverSecrets.ts';
import type { TokenSource } from '../sessions/tokenSource.ts';

/**
 * Has what a window tells of a server filled in before its first token is used, and again where tokens must be asked for
 * again: another window may tell something else.
 * @param target where it goes
 * @param read what of it goes there. @throws OmnispindleError where it cannot be used
 */
export function filledIn<Source extends TokenSource & Pick<BrokerTokenSource, 'secrets'>>(
  source: Source,
  target: Record<string, string>,
  read: (secrets: ServerSecrets) => Record<string, string>,
): Source {
  const before = { ...target };
  let isFilled = false;
  let names: string[] = [];
  source.onInvalidate?.(() => {
    isFilled = false;
  });
  return {
    ...source,
    async getToken(request) {
      const token = await source.getToken(request);
      if (isFilled) return token;
      isFilled = true;
      try {
        const values = read(await source.secrets(request));
        for (const name of names) {
          const own = before[name];
          if (own === undefined) Reflect.deleteProperty(target, name);
          else target[name] = own;
        }
        Object.assign(target, values);
        names = Object.keys(values);
      } catch (error) {
        isFilled = false;
        throw error;
      }
      return token;
    },
  };
}
