import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { useDirectory } from '../auth/fixtures.ts';
import { cli } from '../bundle.ts';

const l10n = join(dirname(cli), '..', 'l10n');

for (const [language, LANG] of [
  ['de', 'de_DE.UTF-8'],
  ['es', 'es_MX.UTF-8'],
  ['fr', 'fr_FR.UTF-8'],
  ['ja', 'ja_JP.UTF-8'],
  ['pt-br', 'pt_BR.UTF-8'],
  ['zh-cn', 'zh_CN.UTF-8'],
] as const) {
  describe(`[F8] a terminal with LANG=${LANG}`, () => {
    const given = useDirectory();
    const texts = JSON.parse(readFileSync(join(l10n, `bundle.l10n.${language}.json`), 'utf8')) as Record<
      string,
      string
    >;

    const run = (args: readonly string[], input = '') =>
      spawnSync(process.execPath, [cli, ...args], {
        encoding: 'utf8',
        cwd: given.path,
        input,
        env: {
          PATH: process.env['PATH'],
          HOME: given.path,
          OMNISPINDLE_DATA_DIR: join(given.path, 'data'),
          LANG,
        },
      });

    it('reads the help in its language', () => {
      const { stdout, stderr } = run(['help', 'exit-codes']);
      assert.equal(stderr, '');
      assert.ok(stdout.includes(texts['Exit codes:'] ?? '-'), stdout);
      assert.ok(!stdout.includes('nobody is signed in'), stdout);
    });

    it('says yes in its language, or by y, and nothing else', () => {
      const choice = texts['[y/N]'] ?? '';
      for (const [answer, status] of [
        [choice.charAt(1), 0],
        [texts['Yes'] ?? '', 0],
        ['y', 0],
        [texts['No'] ?? '', 1],
        ['', 1],
        ['yellow', 1],
      ] as const) {
        writeFileSync(join(given.path, '.env'), 'AUTH0_DOMAIN=tenant.example\n');
        const asked = run(['trust', '.env'], `${answer}\n`);
        assert.ok(asked.stderr.includes(choice), asked.stderr);
        assert.equal(asked.status === 0, status === 0, `${answer}: ${asked.stderr}`);
        run(['trust', '--remove', '.env']);
      }
    });
  });
}
