import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { languages } from '../src/common/languages.ts';

const root = join(import.meta.dirname, '..');

type Strings = Readonly<Record<string, string>>;
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Strings;

/** What is the same in some language: names, what is a name there too, and what holds hardly a word. */
const same = new Set([
  '[y/N]',
  'API: {0}',
  'APIs',
  'Browser',
  'Clients',
  'Code',
  'Installation',
  'No',
  'Port',
  'Server "{0}": {1}',
  'Sessions',
  'Todos',
]);

/** What a program reads in a text: it must be there as it was. */
const marks = [
  /\$?\{[\w:]+\}/g,
  /`[^`]*`/g,
  /\]\([^)]*\)/g,
  /https?:\/\/[\w:/@-]+(?:\.\w[\w:/@-]*)*/g,
  /--[a-z][\w-]*/g,
  /(?<!\w)[A-Z][A-Z\d]*_[A-Z\d_]+/g,
  /\bomnispindle(?:\.\w+)+/g,
  /\bomnispindle (?:claim|connect|doctor|help|init|login|logout|run|serve|status|trust)\b/g,
];
const marksIn = (text: string) =>
  marks.flatMap(mark => [...text.matchAll(mark)].map(([found]) => found).sort());

for (const [file, ofLanguage] of [
  ['l10n/bundle.l10n.json', (language: string) => `l10n/bundle.l10n.${language}.json`],
  ['package.nls.json', (language: string) => `package.nls.${language}.json`],
] as const) {
  const english = read(file);
  for (const language of languages) {
    describe(`[F8] ${ofLanguage(language)}`, () => {
      const translated = read(ofLanguage(language));

      it('has every string, and no other', () => {
        assert.deepEqual(
          Object.keys(english).filter(key => !(key in translated)),
          [],
        );
        assert.deepEqual(
          Object.keys(translated).filter(key => !(key in english)),
          [],
        );
      });

      it('translates every string', () => {
        for (const [key, text] of Object.entries(translated)) {
          assert.equal(typeof text, 'string', key);
          assert.equal(text, text.trim(), key);
          assert.notEqual(text, '', key);
          if (!same.has(english[key] ?? '')) assert.notEqual(text, english[key]);
        }
      });

      it('keeps what is filled in, names of options and variables, addresses and commands', () => {
        for (const [key, text] of Object.entries(translated)) {
          assert.deepEqual(marksIn(text), marksIn(english[key] ?? ''), text);
        }
      });
    });
  }

  it(`[F8] ${file} has no translation that nobody finds`, () => {
    const others = readdirSync(join(root, file, '..'))
      .map(name => join(file, '..', name).replaceAll('\\', '/'))
      .filter(path => path.startsWith(file.replace(/json$/, '')) && path !== file);
    assert.deepEqual(others.sort(), languages.map(ofLanguage).sort());
  });
}

describe('[F8] a command that a text names', () => {
  const english = read('package.nls.json');
  const titles = Object.keys(english).filter(key => key.startsWith('command.'));

  for (const language of languages) {
    it(`is called there as in the palette: ${language}`, () => {
      const palette = read(`package.nls.${language}.json`);
      const named = Object.entries(read(`l10n/bundle.l10n.${language}.json`));
      for (const key of titles) {
        const [theirs, ours] = [english[key] ?? '', palette[key] ?? ''];
        for (const [text, translated] of named) {
          if (!text.includes(`"Omnispindle: ${theirs}"`)) continue;
          assert.ok(translated.includes(`"Omnispindle: ${ours}"`), translated);
        }
      }
    });
  }
});
