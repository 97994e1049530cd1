import assert from 'node:assert/strict';
import { eventually } from '../eventually.ts';
import type { StandIn } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

const setting = 'omnispindle.servers';

describe('[F5] mistakes in the setting of servers', () => {
  const given = useStandIn();
  const told = (window: StandIn) => window.screen.all.filter(({ kind }) => kind === 'error');

  async function textFor(value: unknown): Promise<string> {
    const window = await given.start({ profile: given.profile({ [setting]: value }) });
    await given.definitions(window);
    assert.ok(told(window).length <= 1);
    return told(window)[0]?.text ?? '';
  }

  it('[F5] are told in one message for all, in words, which opens settings.json there', async () => {
    const profile = given.profile({
      [setting]: {
        wheel: { url: 'http://example.com/mcp' },
        loom: { command: 'true' },
        both: { command: 'true', url: 'https://example.com/mcp' },
        odd: { url: 'https://example.com/mcp', header: {} },
        good: { url: 'https://example.com/mcp' },
      },
    });
    const window = await given.start({ profile });
    assert.deepEqual(
      (await given.definitions(window)).map(({ label }) => label),
      ['Omnispindle', 'good'],
    );
    const shown = await window.screen.see(/has 4 mistakes/);
    assert.match(
      shown.text,
      /Server "wheel": "http:\/\/example\.com\/mcp" is not the address .*Write https:/,
    );
    assert.match(shown.text, /Server "loom": "tokenVariable" is missing\./);
    assert.match(shown.text, /Server "both": Give either "url".*or "command"/);
    assert.match(shown.text, /Server "odd": "header" is not known there\. Known are: url, headers, /);
    await shown.answer('Open Settings');
    assert.equal(told(window).length, 1);
    const opened = await eventually('settings.json', () =>
      window.executed.find(({ id }) => id === 'workbench.action.openSettingsJson'),
    );
    assert.deepEqual(opened.args, [{ revealSetting: { key: setting } }]);
  });

  it('[F5] of each kind have words of ours', async () => {
    const remote = { url: 'https://example.com/mcp' };
    const local = { command: 'true', tokenVariable: 'API_TOKEN' };
    for (const [entry, said] of [
      [{ url: 7 }, /"url" must be a string\./],
      [{ ...remote, headers: { 'X-Key': 7 } }, /"headers\.X-Key" must be a string\./],
      [{ ...remote, headers: [] }, /"headers" must be an object of strings by name\./],
      [{ ...remote, transport: 'carrier pigeon' }, /"transport" must be one of: http-first, /],
      [{ ...remote, audience: '' }, /"audience" is empty\./],
      [{ ...remote, audience: 'a'.repeat(3_000) }, /"audience" is longer than 2048 characters\./],
      [{ ...remote, audience: '${API}' }, /audience is "\$\{API\}", a placeholder/],
      [{ ...remote, scopes: 'read' }, /"scopes" must be a list of strings\./],
      [{ ...local, command: '' }, /"command" is empty\./],
      [{ ...local, tokenVariable: 'PATH' }, /PATH decides which programs the server runs/],
      [{ ...local, cwd: 'project' }, /Server "it": cwd is "project", which is no absolute path/],
      ['https://example.com/mcp', /Give either "url"/],
    ] as const) {
      const text = await textFor({ it: entry });
      assert.match(text, /^The setting omnispindle\.servers has a mistake\. Server "it": /);
      assert.match(text, said);
      assert.doesNotMatch(text, /Invalid|expected|received|[Uu]nrecognized/);
    }
    assert.match(await textFor([]), /has a mistake\. It must be an object of servers by name\.$/);
    assert.match(await textFor({ omnispindle: remote }), /name of the server that comes with the extension/);
  });

  it('[F5] are told once, in one window, and again when they change', async () => {
    const profile = given.profile({ [setting]: { wheel: { url: 'example.com' } } });
    const behind = await given.start({ profile, isFocused: false });
    await given.definitions(behind);
    assert.deepEqual(told(behind), []);
    const window = await given.start({ profile });
    await given.definitions(window);
    (await window.screen.see(/Server "wheel"/)).dismiss();
    behind.setFocused(true);
    await given.definitions(behind);
    assert.deepEqual(told(behind), []);
    const later = await given.start({ profile });
    await given.definitions(later);
    assert.deepEqual(told(later), []);

    profile.set(setting, { wheel: { url: 'http://example.com' } });
    await given.definitions(later);
    await later.screen.see(/begins with "http:\/\/"/);
    profile.set(setting, {});
    await given.definitions(later);
    profile.set(setting, { wheel: { url: 'http://example.com' } });
    await given.definitions(later);
    assert.equal(told(later).length, 2);
  });

  it('[F5] that are too many for a message are in the log', async () => {
    const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map(name => [name, { url: name }]));
    const window = await given.start({ profile: given.profile({ [setting]: many }) });
    await given.definitions(window);
    const { text } = await window.screen.see(/has 6 mistakes/);
    assert.doesNotMatch(text, /Server "e"/);
    assert.match(text, /log has all of them\.$/);
    assert.equal(window.lines.filter(line => /^warn .*Server "[a-f]"/.test(line)).length, 6);
  });
});
