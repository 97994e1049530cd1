import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../eventually.ts';
import type { Profile } from './standIn/profile.ts';
import type { Shown, ShownStep } from './standIn/shown.ts';
import type { StandIn } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

/** What a list or box of several steps has. */
type Asked = Shown & { readonly step: ShownStep };

describe('[F5] adding a server in a stand-in of an editor', () => {
  const given = useStandIn();
  let profile: Profile;
  let window: StandIn;
  let adding: Promise<unknown>;
  /** Where an MCP server answers, which wants a token and says nothing of its API. */
  let url: string;
  /** How it answers; undefined where it lets who asks wait. */
  let status: number | undefined;
  const site = createServer((_request, response) => {
    if (status !== undefined) response.writeHead(status).end();
  });

  before(async () => {
    await new Promise<void>(resolve => site.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((site.address() as AddressInfo).port)}/mcp`;
  });
  after(() => {
    site.closeAllConnections();
    site.close();
  });
  beforeEach(async () => {
    status = 401;
    profile = given.profile();
    window = await given.start({ profile });
    adding = window.run('omnispindle.addServer');
  });

  const servers = () => profile.settings.get('omnispindle.servers');
  const secrets = () => [...profile.secrets].filter(([key]) => key.startsWith('server:'));

  async function see(title: RegExp): Promise<Asked> {
    const shown = await window.screen.see(title);
    assert.ok(shown.step, String(title));
    return shown as Asked;
  }

  async function answer(title: RegExp, text: string): Promise<void> {
    await (await see(title)).answer(text);
  }

  const kind = /^Which kind of MCP server/;
  const address = /^Address of the MCP server/;
  const command = /^Command of the MCP server/;
  const variable = /^Environment variable/;
  const name = /^Name of the server/;
  const header = /^Header with a secret/;
  const envSecret = /^Variable with a secret/;
  const value = /^Value of/;

  async function answerLocal(): Promise<void> {
    await answer(kind, 'Local server');
    await answer(command, 'node "my notes.mjs"');
    await answer(variable, 'NOTES_TOKEN');
    await answer(name, 'Notes');
  }

  it('[F5] counts its steps, also those that a secret adds', async () => {
    const counts: string[] = [];
    for (const [title, text] of [
      [kind, 'Remote server'],
      [address, url],
      [name, 'Notes'],
      [header, 'X-API-Key'],
      [value, 'hunter2'],
      [header, ''],
    ] as const) {
      const asked = await see(title);
      counts.push(asked.step.count);
      assert.equal(asked.step.canGoBack, title !== kind);
      await asked.answer(text);
    }
    await window.screen.press('Allow');
    await (await window.screen.see(/was added/)).answer('Start');
    await adding;
    assert.deepEqual(counts, ['1/4', '2/4', '3/4', '4/4', '5/6', '6/6']);
    assert.deepEqual(servers(), { Notes: { url, headers: { 'X-API-Key': '${secret:notes.x-api-key}' } } });
    assert.deepEqual(secrets(), [['server:notes.x-api-key', 'hunter2']]);
    assert.deepEqual(window.executed.at(-1), {
      id: 'workbench.mcp.startServer',
      args: ['omnispindle.omnispindle/Notes'],
    });
  });

  it('[F5] goes back through all steps and keeps what was typed, also what was not given yet', async () => {
    await answerLocal();
    await answer(envSecret, 'NOTES_KEY');
    (await see(value)).step.type('hun');
    (await see(value)).step.back();
    for (const [title, kept, count] of [
      [envSecret, 'NOTES_KEY', '5/5'],
      [name, 'Notes', '4/5'],
      [variable, 'NOTES_TOKEN', '3/5'],
      [command, 'node "my notes.mjs"', '2/5'],
    ] as const) {
      const asked = await see(title);
      assert.equal(asked.step.value, kept);
      assert.equal(asked.step.count, count);
      asked.step.back();
    }
    assert.equal((await see(kind)).step.value, 'Local server');
    await (await see(kind)).answer('Local server');
    await (await see(command)).answer();
    await (await see(variable)).answer();
    await (await see(name)).answer();
    await (await see(envSecret)).answer();
    assert.equal((await see(value)).step.value, 'hun');
    await (await see(value)).answer('hunter2');
    await answer(envSecret, '');
    (await window.screen.see(/was added/)).dismiss();
    await adding;
    assert.deepEqual(servers(), {
      Notes: {
        command: 'node',
        args: ['my notes.mjs'],
        tokenVariable: 'NOTES_TOKEN',
        env: { NOTES_KEY: '${secret:notes.notes_key}' },
      },
    });
  });

  it('[F5] says what is wrong with this address while it is typed, and nothing too early', async () => {
    await answer(kind, 'Remote server');
    const asked = await see(address);
    for (const [typed, said] of [
      ['htt', /^$/],
      ['https://', /^$/],
      ['example.com/mcp', /no "https:\/\/".*Write https:\/\/example\.com\/mcp/],
      ['http://example.com/mcp', /others could read your token/],
      ['https://ada:pw@example.com', /user name or a password/],
      ['https://example.com/mcp', /^$/],
    ] as const) {
      asked.step.type(typed);
      assert.match(asked.step.complaint, said, typed);
    }
    await assert.rejects(asked.answer('https://'), /name of the machine is missing/);
    assert.ok(asked.isOpen);
    asked.dismiss();
    await adding;
  });

  it('[F5] refuses a variable that decides what runs', async () => {
    await answer(kind, 'Local server');
    await answer(command, 'node notes.mjs');
    const asked = await see(variable);
    await assert.rejects(asked.answer('PATH'), /PATH decides which programs the server runs/);
    await asked.answer('NOTES_TOKEN');
    await (await see(name)).answer();
    await assert.rejects((await see(envSecret)).answer('LD_PRELOAD'), /LD_PRELOAD decides which programs/);
    (await see(envSecret)).dismiss();
    await adding;
  });

  it('[F5] goes back to the address by the default button where the check failed, and keeps it', async () => {
    status = 500;
    await answer(kind, 'Remote server');
    await answer(address, url);
    const problem = await window.screen.see(/answered with status 500/);
    assert.deepEqual(problem.choices, ['Edit Address', 'Add Anyway']);
    await problem.answer('Edit Address');
    assert.equal((await see(address)).step.value, url);
    assert.equal((await see(address)).step.count, '2/4');
    status = 401;
    await (await see(address)).answer();
    await see(name);
    (await see(name)).step.back();
    (await see(address)).step.back();
    (await see(kind)).dismiss();
    await adding;
    assert.equal(servers(), undefined);
  });

  it('[F5] goes back to the command where it was not found', async () => {
    await answer(kind, 'Local server');
    await answer(command, 'no-such-program-of-ada');
    const problem = await window.screen.see(/no-such-program-of-ada was not found/);
    assert.deepEqual(problem.choices, ['Edit Command', 'Add Anyway']);
    await problem.answer('Edit Command');
    assert.equal((await see(command)).step.value, 'no-such-program-of-ada');
    await (await see(command)).answer();
    await window.screen.press('Add Anyway');
    (await see(variable)).dismiss();
    await adding;
  });

  it('[F5] looks at an address that was changed meanwhile, and not at the one before', async () => {
    status = undefined;
    await answer(kind, 'Remote server');
    await answer(address, url);
    const asked = await see(address);
    assert.ok(asked.step.isBusy);
    assert.match(asked.step.prompt, /Looking for an MCP server at/);
    asked.step.type(`${url}/other`);
    assert.ok(!asked.step.isBusy);
    status = 401;
    await asked.answer(`${url}/third`);
    assert.equal((await see(name)).step.value, '127.0.0.1');
    (await see(name)).dismiss();
    await adding;
    assert.deepEqual(
      window.screen.all.filter(({ kind: shown }) => shown === 'warning'),
      [],
    );
  });

  it('[F5] suggests a name that is free, and refuses one that is taken', async () => {
    profile.set('omnispindle.servers', { node: { command: 'node', tokenVariable: 'X' } });
    (await see(kind)).dismiss();
    await adding;
    adding = window.run('omnispindle.addServer');
    await answer(kind, 'Local server');
    await answer(command, 'node notes.mjs');
    await answer(variable, 'NOTES_TOKEN');
    const asked = await see(name);
    assert.equal(asked.step.value, 'node 2');
    await assert.rejects(asked.answer('node'), /There is a server node already/);
    await assert.rejects(asked.answer('omnispindle'), /comes with the extension/);
    asked.dismiss();
    await adding;
  });

  it('[F6] says nothing and writes nothing where the person leaves, at each step', async () => {
    const local = [kind, command, variable, name, envSecret, value] as const;
    const texts = ['Local server', 'node notes.mjs', 'NOTES_TOKEN', 'Notes', 'NOTES_KEY'] as const;
    for (let left = 0; left < local.length; left++) {
      if (left > 0) adding = window.run('omnispindle.addServer');
      for (const [index, text] of texts.slice(0, left).entries()) {
        await answer(local[index] ?? kind, text);
      }
      (await see(local[left] ?? kind)).dismiss();
      await adding;
    }
    const said = window.screen.all.filter(({ step }) => !step);
    assert.deepEqual(
      said.map(({ text }) => text),
      [],
    );
    assert.equal(servers(), undefined);
    assert.deepEqual(secrets(), []);
    assert.doesNotMatch(window.lines.join('\n'), /^(?:warn|error)/m);
  });

  it('[F6] says nothing and writes nothing where the person leaves a dialog, also not the secret', async () => {
    status = 500;
    await answer(kind, 'Remote server');
    await answer(address, url);
    (await window.screen.see(/status 500/)).dismiss();
    await adding;
    status = 401;
    adding = window.run('omnispindle.addServer');
    await answer(kind, 'Remote server');
    await answer(address, url);
    await answer(name, 'Notes');
    await answer(header, 'X-API-Key');
    await answer(value, 'hunter2');
    await answer(header, '');
    (await window.screen.see(/does not say which API/)).dismiss();
    await adding;
    assert.equal(servers(), undefined);
    assert.deepEqual(secrets(), []);
    assert.deepEqual(
      window.screen.all.filter(({ isOpen, kind: shown }) => isOpen || shown === 'error'),
      [],
    );
  });

  it('[F6] stops looking where the person leaves', async () => {
    status = undefined;
    await answer(kind, 'Remote server');
    await answer(address, url);
    await eventually('the look', async () => (await see(address)).step.isBusy);
    (await see(address)).dismiss();
    await adding;
    assert.deepEqual(
      window.screen.all.filter(({ isOpen }) => isOpen),
      [],
    );
  });

  it('[F6] is told once where the setting cannot be written, and no secret is kept', async () => {
    const { set } = profile;
    profile.set = () => {
      throw new Error('The settings have unsaved changes.');
    };
    await answerLocal();
    await answer(envSecret, 'NOTES_KEY');
    await answer(value, 'hunter2');
    await answer(envSecret, '');
    await adding;
    profile.set = set;
    assert.deepEqual(secrets(), []);
    const told = window.screen.all.filter(({ kind: shown }) => shown !== 'quickPick' && shown !== 'inputBox');
    assert.deepEqual(
      told.map(({ kind: shown, text }) => [shown, text]),
      [['error', 'The settings have unsaved changes.']],
    );
  });
});

describe('[F6] a secret that stands in the setting', () => {
  const given = useStandIn();
  const plain = { Notes: { url: 'https://notes.example/mcp', headers: { 'X-Key': 'hunter2hunter2' } } };

  it('[F6] stays there without a word where the person does not want it moved', async () => {
    const profile = given.profile({ 'omnispindle.servers': plain });
    const window = await given.start({ profile });
    await given.definitions(window);
    (await window.screen.see(/looks like a secret/)).dismiss();
    await given.definitions(window);
    assert.equal(window.screen.all.length, 1);
    assert.deepEqual(profile.settings.get('omnispindle.servers'), plain);
  });

  it('[F6] stays there, and the person is told once, where the setting cannot be written', async () => {
    const profile = given.profile({ 'omnispindle.servers': plain });
    const window = await given.start({ profile });
    profile.set = () => {
      throw new Error('The settings have unsaved changes.');
    };
    await given.definitions(window);
    await (await window.screen.see(/looks like a secret/)).answer('Move to Secret Storage');
    await window.screen.see(/The settings have unsaved changes/);
    assert.equal(window.screen.all.filter(({ kind }) => kind === 'error').length, 1);
    assert.deepEqual(
      [...profile.secrets.keys()].filter(key => key.startsWith('server:')),
      [],
    );
  });
});
