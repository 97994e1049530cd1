/** How a server wants to be spoken to (RFC 9110 section 11.6.1). */
export interface Challenge {
  /** In small letters: schemes and names of parameters have no case. */
  readonly scheme: string;
  /** What some schemes have in place of parameters. */
  readonly token68?: string;
  readonly parameters: ReadonlyMap<string, string>;
}

// Each of these matches in one way only, so that reading is linear in the header's length.
const separator = /[\t ,]*/y;
const token = /[!#$%&'*+.^_`|~\w-]+/y;
const equals = /[\t ]*=[\t ]*/y;
const quoted = /"((?:[^"\\]|\\[^])*)"/y;
const gap = /[\t ]+/y;
const token68 = /[\w.~+/-]+=*(?=[\t ]*(?:,|$))/y;
/** What stands where nothing of a challenge can: up to the next comma that is in no quotation marks. */
const nonsense = /(?:[^",\\]|\\[^]?|"(?:[^"\\]|\\[^]?)*(?:"|$))*/y;

/**
 * Reads the header `WWW-Authenticate`, also several of it joined by a comma, as Node.js does. What follows no grammar
 * is left out; of a parameter that is given twice the first counts.
 */
export function parseChallenges(header: string): Challenge[] {
  const found: (Challenge & { readonly parameters: Map<string, string> })[] = [];
  let at = 0;

  function next(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at = pattern.lastIndex;
    return match;
  }

  function addParameter(name: string): void {
    const value = next(quoted)?.[1]?.replaceAll(/\\([^])/g, '$1') ?? next(token)?.[0];
    const parameters = found.at(-1)?.parameters;
    if (value !== undefined && parameters?.has(name) === false) parameters.set(name, value);
  }

  for (next(separator); at < header.length; next(nonsense), next(separator)) {
    const name = next(token)?.[0].toLowerCase();
    if (name === undefined) continue;
    if (next(equals)) {
      addParameter(name);
      continue;
    }
    const given = next(gap) && next(token68)?.[0];
    found.push({ scheme: name, ...(given && { token68: given }), parameters: new Map() });
    const first = given ? undefined : next(token)?.[0].toLowerCase();
    if (first !== undefined && next(equals)) addParameter(first);
  }
  return found;
}

/** What a `WWW-Authenticate` says of bearer tokens (RFC 6750 section 3), in one challenge or several. */
export function bearerChallenges(header: string | undefined): Challenge[] {
  return parseChallenges(header ?? '').filter(({ scheme }) => scheme === 'bearer');
}
