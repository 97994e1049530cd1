import type { CookieJar } from 'tough-cookie';

/** Longest cookie (characters, with its attributes) that is kept, as in browsers (RFC 6265 section 6.1). */
const longestCookie = 4_096;
/** How many cookies one answer may set, and how many are kept. */
const mostSet = 20;
const mostKept = 50;
/** Longest header (characters) that is made of them: most servers take no more of all headers than twice this. */
const longestHeader = 8_192;

/** The cookies of one origin, for as long as this process is there: load balancers find a session's server by them. */
export interface Cookies {
  /** Takes what the answer from that address sets. */
  take(address: URL, lines: readonly string[] | undefined): void;
  /** What is to be sent to that address; undefined where there is nothing. */
  headerFor(address: URL): Promise<string | undefined>;
}

/** Keeps cookies (RFC 6265). The library is loaded when the first one is set. */
export function createCookies(): Cookies {
  let jar: Promise<CookieJar> | undefined;
  let pending: { readonly address: URL; readonly line: string }[] = [];

  async function keep(): Promise<CookieJar> {
    jar ??= import('tough-cookie').then(({ CookieJar: Jar }) => new Jar());
    const kept = await jar;
    const taken = pending;
    pending = [];
    for (const { address, line } of taken) await kept.setCookie(line, address.href, { ignoreError: true });
    const all = await kept.store.getAllCookies();
    // In the order in which they were set: the oldest go first.
    for (const { domain, path, key } of all.slice(0, Math.max(0, all.length - mostKept))) {
      await kept.store.removeCookie(domain, path, key);
    }
    return kept;
  }

  return {
    take(address, lines = []) {
      for (const line of lines.slice(0, mostSet)) {
        if (line.length <= longestCookie) pending.push({ address, line });
      }
      pending = pending.slice(-mostKept);
    },
    async headerFor(address) {
      if (!jar && pending.length === 0) return undefined;
      const kept = pending.length > 0 || !jar ? await keep() : await jar;
      const cookies = await kept.getCookies(address.href);
      let header = '';
      for (const cookie of cookies) {
        const text = cookie.cookieString();
        if (header.length + text.length + 2 > longestHeader) break;
        header += header === '' ? text : `; ${text}`;
      }
      return header === '' ? undefined : header;
    },
  };
}
