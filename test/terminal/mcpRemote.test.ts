import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from '../../src/terminal/main.ts';
import { adviceOn } from '../../src/terminal/usage.ts';

const root = join(import.meta.dirname, '..', '..');
const peer = join(root, 'node_modules', 'mcp-remote', 'dist');
const code = globSync('*.js', { cwd: peer }).map(name => readFileSync(join(peer, name), 'utf8'));

/** The rows of the tables in docs/mcp-remote.md, by their first cell. */
function rows(): Map<string, readonly string[]> {
  const lines = readFileSync(join(root, 'docs', 'mcp-remote.md'), 'utf8').split('\n');
  const cells = lines.map(line => line.split(/(?<!\\)\|/).map(cell => cell.trim()));
  return new Map(cells.filter(({ length }) => length === 5).map(([, name = '', ...more]) => [name, more]));
}

const found = (pattern: RegExp) =>
  [...new Set(code.flatMap(text => [...text.matchAll(pattern)].map(([, name = '']) => name)))].sort();

describe('docs/mcp-remote.md', () => {
  const flags = found(/"(--[a-z][a-z0-9-]+)"/g);
  const connect = createProgram().commands.find(command => command.name() === 'connect');
  const taken = new Set([...(connect?.options.map(({ long }) => long) ?? []), '--help']);

  it('[W8b] is compared with all flags of the mcp-remote that is installed', () => {
    assert.ok(flags.length > 25 && flags.includes('--protocol'), flags.join());
  });

  for (const flag of flags) {
    it(`[W8b] says of ${flag} what connect says of it`, () => {
      const [here, text = ''] = rows().get(`\`${flag}\``) ?? [];
      if (taken.has(flag)) {
        assert.equal(here, 'the same');
      } else {
        assert.match(here ?? 'no row', /^(?:instead|not needed|no)$/);
        assert.ok(text.startsWith(adviceOn(flag) ?? 'no answer'), text);
      }
    });
  }

  it('[W8b] has every variable that mcp-remote reads', () => {
    const variables = found(/process\.env\.([A-Z_]+)/g);
    assert.ok(variables.includes('MCP_REMOTE_CONFIG_DIR'));
    const named = [...rows().keys()].join();
    for (const name of variables) assert.ok(named.includes(`\`${name}\``), name);
  });
});
