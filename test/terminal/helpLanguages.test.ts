import assert from 'node:assert/strict';
import { eastAsianWidth } from 'get-east-asian-width';
import { describeNeeds } from '../needs.ts';
import { useUser } from '../tenant/useTenant.ts';
import { run, type Surroundings } from './fixtures.ts';
import { runOnTerminal } from './onTerminal.ts';

const locales = ['en_US', 'de_DE', 'fr_FR', 'es_ES', 'pt_BR', 'ja_JP', 'zh_CN'];

/** Columns that a line takes; none of the texts has accents that are characters of their own. */
const columnsOf = (line: string) =>
  Array.from(line).reduce((sum, char) => sum + eastAsianWidth(char.codePointAt(0) ?? 0), 0);

describeNeeds(['Linux'], 'the help on a terminal', () => {
  const given = useUser();

  for (const locale of locales) {
    const here = (): Surroundings => ({
      tenant: given.tenant,
      directory: given.directory,
      env: { LANG: `${locale}.UTF-8` },
    });

    it(`[F8] fits 24 lines and 80 columns with the prompt below it, in ${locale}`, async () => {
      const { lines } = await runOnTerminal(here(), ['help'], { columns: 80 });
      assert.ok(
        lines.length > 15 && lines.length <= 23,
        `${String(lines.length)} lines: ${lines.join('\n')}`,
      );
      for (const line of lines) assert.ok(columnsOf(line) <= 80, line);
    });

    it(`[F8] has no line that is wider than 40 columns, and all of its text, in ${locale}`, async () => {
      for (const args of [['help'], ['help', 'exit-codes'], ['login', '--help']]) {
        const { lines } = await runOnTerminal(here(), args, { columns: 40 });
        for (const line of lines) assert.ok(columnsOf(line) <= 40, line);
        const joined = (text: string) => text.replaceAll(/(?: \\)?\s+/g, '');
        assert.equal(joined(lines.join('\n')), joined((await run(here(), ...args)).stdout));
      }
    });
  }
});
