import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bearerChallenges, parseChallenges } from '../../../src/bridge/remote/wwwAuthenticate.ts';
import { text, answering, refusal, useSurroundings } from './fixtures.ts';

const plain = (header: string) =>
  parseChallenges(header).map(({ scheme, token68, parameters }) => ({
    scheme,
    ...(token68 !== undefined && { token68 }),
    ...Object.fromEntries(parameters),
  }));

describe('[W6] a header WWW-Authenticate', () => {
  for (const [what, header, expected] of [
    ['of one challenge', 'Bearer realm="a"', [{ scheme: 'bearer', realm: 'a' }]],
    ['of a scheme alone', 'Negotiate', [{ scheme: 'negotiate' }]],
    ['of two schemes alone', 'Negotiate, NTLM', [{ scheme: 'negotiate' }, { scheme: 'ntlm' }]],
    [
      'of two challenges with parameters each',
      'Basic realm="x, Bearer error=y", charset=UTF-8, Bearer error="insufficient_scope", scope="a b"',
      [
        { scheme: 'basic', realm: 'x, Bearer error=y', charset: 'UTF-8' },
        { scheme: 'bearer', error: 'insufficient_scope', scope: 'a b' },
      ],
    ],
    [
      'with a token68 before another challenge',
      'Negotiate oRQwEqADCgEB==, BEARER Error = invalid_token',
      [
        { scheme: 'negotiate', token68: 'oRQwEqADCgEB==' },
        { scheme: 'bearer', error: 'invalid_token' },
      ],
    ],
    [
      'with escapes',
      String.raw`Bearer realm="say \"no\", \\", error="x"`,
      [{ scheme: 'bearer', realm: 'say "no", \\', error: 'x' }],
    ],
    ['with empty elements', ', ,Bearer ,, a=1 ,,', [{ scheme: 'bearer', a: '1' }]],
    ['that gives a parameter twice', 'Bearer a=1, A=2', [{ scheme: 'bearer', a: '1' }]],
    ['with a parameter of no challenge', 'error="x", Bearer a=1', [{ scheme: 'bearer', a: '1' }]],
    ['with quotation marks that do not end', 'Bearer a=1, b="x, Basic c=2', [{ scheme: 'bearer', a: '1' }]],
    ['that is nonsense', '???, "Bearer error=x", =, Bearer a=1', [{ scheme: 'bearer', a: '1' }]],
    ['that is empty', '', []],
  ] as const) {
    it(`${what} is read as RFC 9110 says`, () => {
      assert.deepEqual(plain(header), expected.filter(Boolean), header);
    });
  }

  it('is read back as it was written, however it was', () => {
    const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}$/);
    const value = fc.string({ unit: fc.constantFrom(...Array.from('ab ,="\\;é\t/')), maxLength: 8 });
    const space = fc.constantFrom('', ' ', '\t', '  ');
    const parameter = fc.record({ name: token, value, before: space, after: space });
    const challenge = fc.record({
      scheme: token,
      parameters: fc.uniqueArray(parameter, { selector: ({ name }) => name.toLowerCase(), maxLength: 3 }),
      comma: fc.constantFrom(',', ', ', ' ,', ', ,'),
    });
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), challenges => {
        const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
        const header = challenges
          .map(({ scheme, parameters, comma }) => {
            const written = parameters.map(
              ({ name, value: said, before, after }) => `${name}${before}=${after}${quoted(said)}`,
            );
            return [scheme, written.join(comma)].filter(Boolean).join(' ') + comma;
          })
          .join(' ');
        assert.deepEqual(
          parseChallenges(header).map(({ scheme, parameters }) => [scheme, [...parameters]]),
          challenges.map(({ scheme, parameters }) => [
            scheme.toLowerCase(),
            parameters.map(({ name, value: said }) => [name.toLowerCase(), said]),
          ]),
        );
      }),
    );
  });

  it('of any bytes is read to its end', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('aB=", \\\t68+/')), maxLength: 60 }),
        header => {
          for (const { scheme } of parseChallenges(header)) assert.match(scheme, /^[!-~]+$/);
        },
      ),
    );
    for (const evil of ['"'.repeat(15_000), 'a='.repeat(8_000), 'a '.repeat(8_000), '\\'.repeat(15_000)]) {
      assert.ok(parseChallenges(evil).length <= evil.length);
    }
  });

  it('says nothing of bearer tokens in the parameters of another scheme', () => {
    const header = 'DPoP error="insufficient_scope", scope="x", Bearer realm="Bearer error=invalid_token"';
    assert.deepEqual(
      bearerChallenges(header).map(({ parameters }) => [...parameters]),
      [[['realm', 'Bearer error=invalid_token']]],
    );
  });
});

describe('[W6] omnispindle connect, where a server refuses by several challenges,', () => {
  const here = useSurroundings();

  it('hears which scope is missing from the one about bearer tokens', async () => {
    const connected = await here.connect();
    const challenges = [
      'DPoP error="insufficient_scope", scope="not:this"',
      String.raw`bearer realm="a, scope=\"nor:that\"", ERROR = insufficient_scope, scope="read:todos"`,
    ];
    here.remote.intercept = answering(Infinity, 'POST', refusal(403, { 'www-authenticate': challenges }));
    await assert.rejects(text(connected, 'echo', { text: 'hi' }), /wants more .* for it: read:todos\./);
  });

  it('hears no scope from one about another scheme', async () => {
    const connected = await here.connect();
    const challenges = ['DPoP error="insufficient_scope", scope="not:this"', 'Bearer realm="x"'];
    here.remote.intercept = answering(Infinity, 'POST', refusal(403, { 'www-authenticate': challenges }));
    await assert.rejects(text(connected, 'echo', { text: 'hi' }), ({ message }: Error) => {
      assert.match(message, /does not allow this/);
      assert.doesNotMatch(message, /not:this/);
      return true;
    });
  });
});
