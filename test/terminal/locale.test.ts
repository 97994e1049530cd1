import assert from 'node:assert/strict';
import { wantedLocales } from '../../src/terminal/locale.ts';

describe('[F8] the locales of a terminal', () => {
  const system = navigator.language;

  for (const platform of ['win32', 'darwin'] as const) {
    it(`are what the system says where no variable is there, on ${platform}`, () => {
      assert.deepEqual(wantedLocales({}, platform), /^en/.test(system) ? [] : [system]);
      assert.deepEqual(wantedLocales({ LANG: 'fr_FR.UTF-8' }, platform), ['fr_FR.UTF-8']);
      assert.deepEqual(wantedLocales({ LANG: 'C' }, platform), []);
    });
  }

  it('are none where no variable is there, elsewhere', () => {
    assert.deepEqual(wantedLocales({}, 'linux'), []);
  });

  it('end where English is wanted', () => {
    assert.deepEqual(wantedLocales({ LANG: 'de_DE', LANGUAGE: 'de:en_GB:fr' }, 'linux'), ['de']);
    assert.deepEqual(wantedLocales({ LANG: 'en_US.UTF-8' }, 'linux'), []);
  });
});
