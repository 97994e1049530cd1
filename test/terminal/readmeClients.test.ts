import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { clients } from '../../src/terminal/clients/clients.ts';
import { commonShape, entryBeside, npxEntry, serverName } from '../../src/terminal/clients/serverEntry.ts';
import type { System } from '../../src/terminal/clients/system.ts';

const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
const [, section = ''] = /^## Other MCP clients\n(.*?)^## /ms.exec(readme) ?? [];
/** By the name for `--client`: where the file is on Linux, macOS and Windows. */
const table = new Map(
  [...section.matchAll(/^\| [^|]+\| `([\w-]+)` +\| (.+?) \|$/gm)].map(([, id = '', places = '']) => [
    id,
    places.split('|').map(place => place.trim()),
  ]),
);
const parsers = {
  json: (text: string) => JSON.parse(text) as unknown,
  toml: (text: string) => parseToml(text),
  yaml: (text: string) => parseYaml(text) as unknown,
};

/** A machine of that kind with nothing on it. */
function machine(platform: NodeJS.Platform): System {
  const isWindows = platform === 'win32';
  return {
    platform,
    home: isWindows ? '%USERPROFILE%' : '~',
    env: isWindows ? { APPDATA: '%APPDATA%', LOCALAPPDATA: '%LOCALAPPDATA%' } : {},
    project: isWindows ? '.' : './',
    list: () => [],
    read: () => undefined,
  };
}

describe('[F9] the README’s configuration of each client', () => {
  for (const [id, client] of Object.entries(clients)) {
    it(`names the files that init writes: ${client.name}`, () => {
      const systems = (['linux', 'darwin', 'win32'] as const).map(machine);
      const expected = systems.map(system => `\`${client.path(system)}\``);
      assert.deepEqual(table.get(id), expected);
    });

    it(`is what init writes with --npx: ${client.name}`, () => {
      const server = npxEntry('linux');
      const shape = client.shape ?? commonShape;
      const { values } = entryBeside(undefined, { server, shape, key: client.key, text: '', path: '' });
      const wanted = { [client.key]: { [serverName]: values } };
      const blocks = [...section.matchAll(new RegExp(`^\`\`\`${client.format}\n(.*?)^\`\`\``, 'gms'))];
      assert.ok(blocks.length > 0);
      const found = blocks.map(([, text = '']) => JSON.stringify(sorted(parsers[client.format](text))));
      assert.ok(found.includes(JSON.stringify(sorted(wanted))), found.join('\n'));
    });
  }
});

/** The same with the keys of all objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
