import assert from 'node:assert/strict';
import { failedWords, pageFor, signedInWords } from '../../src/auth/callbackPage.ts';
import { languages } from '../../src/common/languages.ts';
import { readTranslation, speak } from '../../src/common/translation.ts';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const signedIn = () => signedInWords('ada@example.com');

describe('[F8] the page after a sign-in', () => {
  afterEach(() => {
    speak({ language: 'en', contents: undefined });
  });

  for (const language of languages) {
    it(`speaks the language of the browser: ${language}`, async () => {
      const title = readTranslation(root, language)?.contents?.['Signed in'];
      assert.ok(typeof title === 'string');
      const html = await pageFor(`${language},en;q=0.5`, signedIn);
      assert.ok(html.includes(`<html lang="${language}" dir="ltr">`), html);
      assert.ok(html.includes(`<h1>${title}</h1>`), html);
      assert.doesNotMatch(html, /Signed in|You are/);
      assert.match(html, /ada@example\.com/);
    });
  }

  it('speaks English to a browser that asks for it, whatever the process speaks', async () => {
    speakGerman();
    const html = await pageFor('en-GB', signedIn);
    assert.match(html, /<html lang="en" dir="ltr">/);
    assert.match(html, /<h1>Signed in<\/h1>/);
  });

  it('speaks as the process does to a browser that asks for none of ours', async () => {
    speakGerman();
    for (const accepted of [undefined, 'nl', '*']) {
      assert.match(await pageFor(accepted, signedIn), /<html lang="de"/);
    }
  });

  it('says in which language a reason is that was made before', async () => {
    const html = await pageFor('ja', () => ({ ...failedWords('No code.'), messageLanguage: 'en' }));
    assert.match(html, /<html lang="ja"/);
    assert.match(html, /<p lang="en" dir="auto">No code\.<\/p>/);
  });

  it('leaves the language of everything else as it was', async () => {
    speakGerman();
    await pageFor('ja', signedIn);
    await assert.rejects(
      pageFor('ja', () => {
        throw new Error('broken');
      }),
      /broken/,
    );
    assert.match(await pageFor('nl', signedIn), /<html lang="de"/);
  });

  function speakGerman(): void {
    const translation = readTranslation(root, 'de');
    assert.ok(translation);
    speak(translation);
  }
});
