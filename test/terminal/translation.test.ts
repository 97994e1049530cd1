import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { useDirectory } from '../auth/fixtures.ts';
import { cli } from '../bundle.ts';
import { describeNeeds } from '../needs.ts';

const dist = dirname(cli);
/** What a tool and the library say of a token that is none. */
const refusal =
  'The AUTH0_TOKEN from {0} is invalid or expired. Set a new one, or remove it to sign in with a browser.';
const languages = ['de', 'pt-br', 'fr', 'zh-cn'];

/** Has Node.js say which files of a program it loads. */
const sayLoaded = `--import=data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from 'node:module';
   registerHooks({ load(url, context, next) { process.stderr.write('loaded ' + url + '\\n'); return next(url, context); } });`,
)}`;

describeNeeds(['a POSIX system'], '[12] a translation', () => {
  const given = useDirectory();
  let installed: string;
  const program = () => join(installed, 'dist', 'cli.js');

  before(() => {
    installed = mkdtempSync(join(tmpdir(), 'omnispindle-translated-'));
    cpSync(dist, join(installed, 'dist'), {
      recursive: true,
      filter: path => !/\.map$|[\\/]types$/.test(path),
    });
    cpSync(join(dist, '..', 'package.json'), join(installed, 'package.json'));
    writeTranslations(installed);
  });
  after(() => {
    rmSync(installed, { recursive: true, force: true });
  });

  /** Translates a text of the help, one of a tool's refusal, and one of the library. */
  function writeTranslations(directory: string): void {
    mkdirSync(join(directory, 'l10n'), { recursive: true });
    for (const language of languages) {
      const texts = {
        'Exit codes:': `${language}: exit codes`,
        'Options:': `${language}: options`,
        [refusal]: `${language}: bad token from {0}`,
      };
      writeFileSync(join(directory, 'l10n', `bundle.l10n.${language}.json`), JSON.stringify(texts));
    }
  }

  const environment = (env: Record<string, string>) => ({
    PATH: process.env['PATH'] ?? '',
    HOME: given.path,
    OMNISPINDLE_DATA_DIR: join(given.path, 'data'),
    ...env,
  });

  async function help(
    env: Record<string, string>,
    ...args: string[]
  ): Promise<{ stdout: string; stderr: string }> {
    return promisify(execFile)(process.execPath, [program(), ...args, '--help'], {
      env: environment(env),
      cwd: given.path,
    });
  }

  const exitCodesIn = (text: string) => /^(?:([\w-]+): exit codes|Exit codes:)$/m.exec(text);

  for (const [asked, expected] of [
    ['LANG=de_DE.UTF-8', 'de'],
    ['LANG=de', 'de'],
    ['LANG=de_AT@euro', 'de'],
    ['LANG=pt_BR.UTF-8', 'pt-br'],
    ['LANG=en_US.UTF-8 LC_MESSAGES=de_DE.UTF-8', 'de'],
    ['LANG=en_US.UTF-8 LC_MESSAGES=de_DE.UTF-8 LC_ALL=fr_FR.UTF-8', 'fr'],
    ['LANG=en_US.UTF-8 LANGUAGE=fr:de', 'fr'],
    ['LANG=de_DE.UTF-8 LANGUAGE=nl:fr:de', 'fr'],
    ['LANG=de_DE.UTF-8 LANGUAGE=en:de', undefined],
    ['LANG=de_DE.UTF-8 LC_ALL=C', undefined],
    ['LANG=C.UTF-8 LANGUAGE=de', undefined],
    ['LANGUAGE=de', undefined],
    ['LANG=en_GB.UTF-8', undefined],
    ['LANG=pt_PT.UTF-8', 'pt-br'],
    ['LANG=pt', 'pt-br'],
    ['LANG=zh_CN.UTF-8', 'zh-cn'],
    ['LANG=zh_Hans', 'zh-cn'],
    ['LANG=zh-Hans-HK', 'zh-cn'],
    ['LANG=zh_TW.UTF-8', undefined],
    ['LANG=zh_Hant', undefined],
    ['LANG=zh_TW.UTF-8 LANGUAGE=zh_HK:de', 'de'],
    ['OMNISPINDLE_LOCALE=de', 'de'],
    ['OMNISPINDLE_LOCALE=de LANG=fr_FR.UTF-8 LANGUAGE=fr', 'de'],
    ['OMNISPINDLE_LOCALE=en LANG=fr_FR.UTF-8', undefined],
    ['OMNISPINDLE_LOCALE=it LANG=fr_FR.UTF-8', undefined],
    ['LANG=nl_NL.UTF-8', undefined],
    ['LANG=POSIX', undefined],
    ['LANG=', undefined],
    ['LANG=../../l10n/bundle.l10n.de', undefined],
    ['LANG=/etc/passwd', undefined],
    ['LANG=%00', undefined],
  ] as const) {
    it(`is ${expected ?? 'not'} taken: ${asked}`, async () => {
      const env = Object.fromEntries(asked.split(' ').map(text => text.split('=') as [string, string]));
      const { stdout, stderr } = await help(env, 'exit-codes');
      const found = exitCodesIn(stdout);
      assert.ok(found, stdout);
      assert.equal(found[1], expected);
      assert.equal(stderr, '');
    });
  }

  it('is of the headings that the parser writes, too, in each command', async () => {
    for (const args of [[], ['login']]) {
      assert.match((await help({ LANG: 'de_DE.UTF-8' }, ...args)).stdout, /^de: options$/m);
    }
  });

  it('is of what the library says', async () => {
    const script = join(given.path, 'program.mjs');
    writeFileSync(
      script,
      `import { ensureAuthenticated } from ${JSON.stringify(pathToFileURL(join(installed, 'dist', 'index.js')).href)};
       await ensureAuthenticated().catch(error => console.log(error.code, error.message));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: environment({ LANG: 'de_DE.UTF-8', AUTH0_TOKEN: 'nonsense' }),
      cwd: given.path,
    });
    assert.match(stdout, /^\w+ de: bad token from the environment/);
  });

  for (const args of [['serve'], ['serve', '--account', 'ada']]) {
    it(`is of what a tool says: ${args.join(' ')}`, async () => {
      const client = new Client({ name: 'test', version: '1.0.0' });
      const env = environment({ LANG: 'de_DE.UTF-8', AUTH0_TOKEN: 'nonsense' });
      await client.connect(
        new StdioClientTransport({
          command: process.execPath,
          args: [program(), ...args],
          env,
          stderr: 'ignore',
        }),
      );
      try {
        const { content } = await client.callTool({ name: 'whoami', arguments: {} });
        assert.match(JSON.stringify(content), /de: bad token from the environment/);
      } finally {
        await client.close();
      }
    });
  }

  it('is never one that lies where the command runs', async () => {
    writeTranslations(given.path);
    rmSync(join(installed, 'l10n'), { recursive: true });
    try {
      for (const LANG of ['de_DE.UTF-8', '../l10n/bundle.l10n.de', './de']) {
        const { stdout } = await help({ LANG }, 'exit-codes');
        assert.match(stdout, /^Exit codes:$/m);
      }
    } finally {
      writeTranslations(installed);
    }
  });

  for (const content of ['{', 'null', '[]', '"text"', '{"Exit codes:": 5}', '']) {
    it(`that is damaged leaves the English texts: ${content}`, async () => {
      writeFileSync(join(installed, 'l10n', 'bundle.l10n.de.json'), content);
      try {
        const { stdout, stderr } = await help({ LANG: 'de_DE.UTF-8' }, 'exit-codes');
        assert.match(stdout, /^Exit codes:$/m);
        assert.equal(stderr, '');
      } finally {
        writeTranslations(installed);
      }
    });
  }

  it('is not looked for where English is asked for', async () => {
    const loaded = async (env: Record<string, string>) => {
      const { stderr } = await help({ ...env, NODE_OPTIONS: sayLoaded });
      return stderr.match(/^loaded .*\/dist\/.*$/gm) ?? [];
    };
    const plain = await loaded({});
    assert.ok(plain.length > 1);
    assert.deepEqual(await loaded({ LANG: 'en_US.UTF-8' }), plain);
    assert.deepEqual(await loaded({ LANG: 'C.UTF-8' }), plain);
    assert.ok((await loaded({ LANG: 'de_DE.UTF-8' })).length > plain.length);
  });

  it('lies beside the bundle in a checkout, where the editor finds it, too', () => {
    assert.ok(readdirSync(join(dist, '..', 'l10n')).includes('bundle.l10n.json'));
  });
});
