import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDatabaseSettings } from '../../src/terminal/databaseSettings.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';

const url = 'postgres://requests:s3cr3t@db/omnispindle';
const migrationUrl = 'postgres://owner:s3cr3t@db/omnispindle';

describe('where the database of a team is', () => {
  const directory = temporaryDirectory();
  after(() => directory.remove());

  function file(name: string, text: string): string {
    const path = join(directory.path, name);
    writeFileSync(path, text);
    return path;
  }

  it('is in the environment, or in the files that it names', () => {
    assert.equal(readDatabaseSettings({}), undefined);
    assert.equal(readDatabaseSettings({ DATABASE_URL: ' ', DATABASE_URL_FILE: '' }), undefined);
    assert.deepEqual(readDatabaseSettings({ DATABASE_URL: `"${url}"` }), { url });
    const both = { url, migrationUrl };
    assert.deepEqual(readDatabaseSettings({ DATABASE_URL: url, DATABASE_MIGRATION_URL: migrationUrl }), both);
    const files = {
      DATABASE_URL_FILE: file('url', `${url}\n`),
      DATABASE_MIGRATION_URL_FILE: file('migration', `${migrationUrl}\r\n`),
    };
    assert.deepEqual(readDatabaseSettings(files), both);
  });

  const wrong: Record<string, [() => NodeJS.ProcessEnv, RegExp]> = {
    'is said twice': [
      () => ({ DATABASE_URL: url, DATABASE_URL_FILE: file('twice', url) }),
      /DATABASE_URL and DATABASE_URL_FILE/,
    ],
    'is in no file': [
      () => ({ DATABASE_URL_FILE: join(directory.path, 'none') }),
      /DATABASE_URL_FILE.*ENOENT/,
    ],
    'is a directory': [() => ({ DATABASE_URL_FILE: directory.path }), /DATABASE_URL_FILE.*EISDIR/],
    'is in an empty file': [() => ({ DATABASE_URL_FILE: file('empty', '\n') }), /DATABASE_URL_FILE.*empty/],
    'is in a large file': [
      () => ({ DATABASE_URL_FILE: file('large', url.repeat(1_000)) }),
      /DATABASE_URL_FILE.*too large/,
    ],
    'is two lines': [
      () => ({ DATABASE_URL_FILE: file('lines', `${url}\n${url}\n`) }),
      /DATABASE_URL_FILE.*control character/,
    ],
    'has a placeholder': [
      () => ({ DATABASE_URL: 'postgres://requests:${SECRET}@db/omnispindle' }),
      /DATABASE_URL holds a placeholder/,
    ],
    'is that of the owner alone': [
      () => ({ DATABASE_MIGRATION_URL: migrationUrl }),
      /DATABASE_MIGRATION_URL.*DATABASE_URL is not/,
    ],
  };
  for (const [what, [env, message]] of Object.entries(wrong)) {
    it(`is refused where it ${what}, and never shown`, () => {
      assert.throws(
        () => readDatabaseSettings(env()),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'invalid_settings');
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /s3cr3t/);
          return true;
        },
      );
    });
  }
});
