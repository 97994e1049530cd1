// Every part of these patterns matches in one way only, and looks ahead or back by a bounded number of
// characters: so none takes more than linear time, whatever the text is.

/** A quotation mark, also as JSON within JSON, a URL or HTML writes it. */
const backslash = String.raw`(?:\\|%(?:25){0,8}5C)`;
const quote = String.raw`(?:${backslash}*(?:["'\`]|%(?:25){0,8}2[27])|\\+u002[27]|&(?:quot|#3[49]|#x2[27]);)`;
const gap = String.raw`(?:\s|${backslash}+[nrt]|%(?:25){0,8}(?:20|0[9AD])|\+)*`;
/** What stands between a name and its value: in JSON, YAML, a header, an assignment, a query. */
const sign = String.raw`(?:%(?<level>(?:25){0,8})3(?:D|(?<encodedColon>A))|=>|(?<colon>:)|=)`;
/** What stands between them in a list, as of arguments or of raw headers. */
const comma = String.raw`${quote}\s*,\s*(?=${quote})`;
/** Where a word begins that may also be the end of another one, like "code". */
const start = String.raw`(?:(?<![\w-])|(?<=--)|(?<=%(?:25){0,8}[\da-f]{2})|(?<=\\u[\da-f]{4})|(?<=\\[nrt]))`;

/** The names of what is secret, in any style of writing; what stands before such a name does not matter. */
const names = [
  String.raw`(?<header>authorization|set-cookie|cookie|x-api-key)`,
  String.raw`(?<phrase>password|passwd|passphrase)`,
  String.raw`(?<name>(?:access|refresh|(?<!val)id|auth0|api|bearer|session)[_-]?token|client[_-]?(?:secret|assertion)|code[_-]?verifier|device[_-]?code|(?:api|broker|private|access|secret)[_-]?key)`,
  String.raw`(?<word>(?<=[\w-])(?:token|secret)|(?:access|refresh|id|api) token|client secret|api key|${start}(?:token|secret|code))`,
].join('|');

const secretName = new RegExp(
  String.raw`(?:(?<query>(?<=[?&][\w.-]{0,60}))|)(?:${names})(?:(?<named>${quote})?${gap}${sign}${gap}(?:[|>][+-]?\s+)?|(?<flag>(?<=--[\w-]{1,60})(?:${comma}|\s+(?!-)))|(?<pair>${comma}))`,
  'gi',
);

// What follows a name.
const opening = new RegExp(`[bru]{0,2}${quote}`, 'iy');
const quoted = new RegExp(String.raw`[bru]{0,2}(${quote})([^]*?)(?:(?<!\\|5C)\1|$)`, 'iy');
const list = String.raw`\[\s*["'][^\]]*`;
const lineOrList = new RegExp(String.raw`${list}|[^\s{[][^\r\n]*(?:\r?\n[ \t]+[^\r\n]+)*`, 'y');
const queryValue = /[^\s"&#]+/y;
const plainValue = new RegExp(String.raw`${list}|(?![{[])[^\s"'&#,;}]+`, 'y');
const encodedValue = (level: string) => new RegExp(`(?:(?!%${level}2[036])[^\\s"&#])+`, 'y');

/** Not a secret, but what is said of one: a number, or that there is none. */
const saysNothing = /^(?:\d{1,5}|true|false|null|undefined|none)[,.;:)\]}]{0,9}$/i;
/** What is a secret in a file, and not a word of prose: with letters and digits, but no number. */
const likeASecret =
  /(?!0x[\da-f]{1,16}(?![\w-]))(?=[^\s"'&#,;}]{6})(?=[^\s"'&#,;}]{0,80}\d)(?=[^\s"'&#,;}]{0,80}[a-z])/iy;
const isMasked = /^(?:\w+ )?\[(?:token|redacted)\]$/;

/** What a JWS or JWE (RFC 7515, 7516) may be part of, also one that was broken into lines. */
const tokenRun = /[\w.-](?:[\w.-]|(?:\r?\n|\\n)[ \t]*(?=[\w.-]{20}))*/g;

/** Masks a run from where a header in base64url begins. */
function maskToken(run: string): string {
  const begins = run.search(/ey[JA]/);
  return begins >= 0 && run.includes('.', begins + 11) ? `${run.slice(0, begins)}[token]` : run;
}

/** Tokens, keys and passwords that need no name. */
const nameless: readonly [RegExp, string][] = [
  [
    /-----BEGIN[A-Z0-9 +%]{0,40}PRIVATE(?: |\+|%20)KEY[^]*?(?:-----END[A-Z0-9 +%]{0,40}KEY(?: BLOCK)?-----|$)/g,
    '[redacted]',
  ],
  // A refresh token as Auth0 makes it.
  [/(?<![\w.])v1\.[\w-]{24,}/g, '[token]'],
  // The scheme of an `authorization` header; what a server says of one, `Bearer realm="…"`, is no token.
  [
    /((?:Bearer|DPoP)(?:\s|%(?:25){0,8}20|\\+[nrt]|[+:])+["']?)(?![\w-]{1,40}\s?=\s?\\?")[^\s"',;&]+/gi,
    '$1[redacted]',
  ],
  [
    /((?<![A-Za-z])(?:[Bb]asic|BASIC)(?:\s|%(?:25){0,8}20|[+:])+)(?![\w-]{1,40}\s?=\s?\\?"|[A-Za-z]?[a-z]{1,40}(?![\w+/=]))[^\s"',;&]+/g,
    '$1[redacted]',
  ],
  // User and password in an address (RFC 3986 section 3.2.1); one of them alone may be a token.
  [/(:(?:\\?\/){2}[^\s/?#:@"'<>]*:)[^\s/?#"'<>]*@/g, '$1[redacted]@'],
  [/(:(?:\\?\/){2})[^\s/?#:@"'<>]{20,}@/g, '$1[redacted]@'],
  [
    /(%(?<level>(?:25){0,8})3A(?:%\k<level>2F){2}[^\s&"'%]*%\k<level>3A)(?:(?!%\k<level>(?:2F|3F|40))[^\s&"'])*(?=%\k<level>40)/gi,
    '$1[redacted]',
  ],
  // The broker's key: 32 bytes, beside the word.
  [/(key\W{1,5})[\w-]{43}(?![\w-])/gi, '$1[redacted]'],
];

/**
 * Masks what looks like a token, code or secret, by its form or by the name before it. A last line of defence
 * for logs and errors: nothing should need it. Linear in the text's length.
 * @example redact('GET /callback?code=abc123&state=1') // 'GET /callback?code=[redacted]&state=1'
 */
export function redact(text: string): string {
  const masked = nameless.reduce(
    (so, [pattern, replacement]) => so.replaceAll(pattern, replacement),
    text.replaceAll(tokenRun, maskToken),
  );
  let result = '';
  let done = 0;
  secretName.lastIndex = 0;
  for (let match; (match = secretName.exec(masked));) {
    const from = secretName.lastIndex;
    const value = valueAt(masked, from, match.groups ?? {});
    if (!value) continue;
    result += masked.slice(done, from + value.offset) + '[redacted]';
    done = from + value.offset + value.length;
    secretName.lastIndex = done;
  }
  return result + masked.slice(done);
}

type Groups = Partial<Record<string, string>>;

/** Where the secret of that name is, counted from `from`; undefined where there is none to mask. */
function valueAt(text: string, from: number, of: Groups): { offset: number; length: number } | undefined {
  if (of['pair'] !== undefined && of['header'] === undefined) return undefined;
  const offset = isInQuery(of) ? undefined : matchAt(opening, text, from)?.[0].length;
  if (mayBeProse(of, offset !== undefined) && !matchAt(likeASecret, text, from + (offset ?? 0))) {
    return undefined;
  }
  const value =
    offset === undefined ? matchAt(unquoted(of), text, from)?.[0] : matchAt(quoted, text, from)?.[2];
  if (!value || isMasked.test(value) || (offset === undefined && saysNothing.test(value))) return undefined;
  return { offset: offset ?? 0, length: value.length };
}

/** Whether this is a field of a query, where a quotation mark is a character as any other. */
function isInQuery({ query, level, encodedColon }: Groups): boolean {
  return query !== undefined || (level !== undefined && encodedColon === undefined);
}

/** Whether this name, with a colon after it, may be two words of a sentence. */
function mayBeProse({ word, named, colon, encodedColon }: Groups, isQuoted: boolean): boolean {
  if (word === undefined || (colon ?? encodedColon) === undefined) return false;
  return !(isQuoted && named !== undefined);
}

/** How far a value without quotation marks goes. */
function unquoted({ header, phrase, colon, level, flag }: Groups): RegExp {
  if (level !== undefined) return encodedValue(level);
  if (colon !== undefined && (header ?? phrase) !== undefined) return lineOrList;
  return colon === undefined && flag === undefined ? queryValue : plainValue;
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}
