import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountRate, addressRate } from '../../src/server/http/limits/rateSetting.ts';
import { createJsonLog } from '../../src/server/http/observe/jsonLog.ts';
import { createMetrics } from '../../src/server/http/observe/metrics.ts';
import type { RequestRecord } from '../../src/server/http/observe/record.ts';
import { exitCodes } from '../../src/terminal/exitCodes.ts';
import { readHttpSettings } from '../../src/terminal/httpSettings.ts';
import { createProgram } from '../../src/terminal/main.ts';
import { isTeamVariable, teamVariables } from '../../src/terminal/teamVariables.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const server = read('docs/team-server.md');
const operations = read('docs/team-operations.md');

/** What follows that heading, until the next one. */
function section(text: string, title: string): string {
  const [, found = ''] = text.split(`\n## ${title}\n`);
  assert.ok(found, title);
  return found.split('\n## ')[0] ?? '';
}
/** The cells of the tables in a text, without their heads. */
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter(line => line.startsWith('| ') && !/^\| -/.test(line))
    .map(line =>
      line
        .split('|')
        .map(cell => cell.trim())
        .slice(1, -1),
    )
    .slice(1);
const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);
const sorted = (values: Iterable<string>) => [...new Set(values)].sort();

const record: Required<RequestRecord> = {
  id: 'an-id',
  method: 'POST',
  path: '/mcp',
  rpcMethod: 'tools/call',
  tool: 'add_todo',
  toolFailed: true,
  account: 'a-pseudonym',
  refusal: 'invalid_token',
  limited: 'account',
  traceId: 'a-trace',
};

describe('the documents of a team’s server', () => {
  it('name every setting, and none that there is not', () => {
    const settings = section(server, 'Settings') + section(operations, 'Settings');
    const documented = names(settings, /`((?:AUTH0|DATABASE|OMNISPINDLE|OTEL)_[A-Z\d_]+)/g);
    assert.deepEqual(
      teamVariables.filter(name => !documented.includes(name)),
      [],
    );
    const others = ['AUTH0_DOMAIN', 'AUTH0_AUDIENCE', 'AUTH0_ORGANIZATION', 'OMNISPINDLE_ENV_FILE'];
    assert.deepEqual(
      documented.filter(name => !isTeamVariable(name) && !others.includes(name) && !/_$/.test(name)),
      [],
    );
    const { options } = createProgram().commands.find(command => command.name() === 'serve')!;
    const [known, ofOnePerson] = [options.map(({ long }) => long ?? ''), ['--account']];
    const told = names(`${server}${operations}`, /(--[a-z][a-z-]+)/g);
    assert.deepEqual(
      known.filter(option => !told.includes(option) && !ofOnePerson.includes(option)),
      [],
    );
    const inTables = names(rowsOf(settings).join('\n'), /`(--[a-z-]+)`/g);
    assert.deepEqual(
      inTables.filter(option => !known.includes(option)),
      [],
    );
  });

  it('have the defaults that count', () => {
    const { host, port, stopLimit, stopDelay, calls, callsPerAccount, bodyBytes } = readHttpSettings({}, {});
    const defaults: Record<string, unknown> = {
      OMNISPINDLE_HOST: host,
      OMNISPINDLE_PORT: port,
      OMNISPINDLE_STOP_TIMEOUT: stopLimit / 1_000,
      OMNISPINDLE_STOP_DELAY: stopDelay / 1_000,
      OMNISPINDLE_MAX_CALLS: calls,
      OMNISPINDLE_MAX_CALLS_PER_ACCOUNT: callsPerAccount,
      OMNISPINDLE_MAX_BODY_BYTES: bodyBytes,
      OMNISPINDLE_RATE_LIMIT: `${String(accountRate.points)}/${String(accountRate.seconds)}`,
      OMNISPINDLE_ADDRESS_RATE_LIMIT: `${String(addressRate.points)}/${String(addressRate.seconds)}`,
    };
    const rows = [
      ...rowsOf(section(server, 'Settings')).map(([, name, value]) => [name, value]),
      ...rowsOf(section(operations, 'Settings')).map(([name, , value]) => [name, value]),
    ];
    for (const [name, value] of Object.entries(defaults)) {
      const row = rows.find(([cell]) => cell?.startsWith(`\`${name}`) && !cell.startsWith(`\`${name}_`));
      assert.equal(row?.[1], `\`${String(value)}\``, name);
    }
  });

  it('name every status that is answered, and no other', () => {
    const documented = rowsOf(section(server, 'What it answers')).map(([status = '']) => status);
    const answered = globSync('src/server/http/*.ts', { cwd: root })
      .concat('src/server/http/limits/tooMany.ts')
      .flatMap(file => [
        ...read(file).matchAll(
          /(?:(?:refused?|answer)\(\s*|status: |\? 200 : |return Response\.json\([^;]*?\n\s+)([45]\d\d)\b/g,
        ),
      ])
      .map(([, status = '']) => status);
    // The SDK, and Node.js, answer these.
    assert.deepEqual(sorted(documented), sorted([...answered, '406', '408']));
  });

  it('name every field of the log, and no other', () => {
    const log = section(operations, 'Log');
    const lines: string[] = [];
    const json = createJsonLog(false, { write: line => lines.push(line) });
    json.end(record, { status: 200, ms: 1.9, isAborted: true });
    const logged = Object.keys(JSON.parse(lines[0] ?? '{}') as object);
    const [, example = '{}'] = /```json\n([^`]*)```/.exec(log) ?? [];
    const shown = Object.keys(JSON.parse(example) as object);
    const told = [...shown, ...names(log.replace(/```json[^`]*```/, ''), /`([a-z][a-zA-Z]+)`/g)];
    assert.deepEqual(
      logged.filter(field => !told.includes(field)),
      [],
    );
    assert.deepEqual(
      shown.filter(field => !logged.includes(field)),
      [],
    );
  });

  it('name every metric with its labels, and no other', async () => {
    const metrics = createMetrics({
      version: '1.2.3',
      pool: { totalCount: 2, idleCount: 1, waitingCount: 0 },
    });
    metrics.end(record, { status: 200, ms: 1, isAborted: false });
    metrics.countKeyFetch(true);
    const labels = new Map<string, string[]>();
    for (const [, name = '', list = ''] of (await metrics.text()).matchAll(
      /^(omnispindle_\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? [\d.e+-]+$/gm,
    )) {
      labels.set(
        name,
        names(list, /(\w+)="/g).filter(label => label !== 'le'),
      );
    }
    const documented = names(section(operations, 'Metrics'), /`(omnispindle_[^`]+)`/g).map(
      (text): [string, string[]] => {
        const [name = '', list = ''] = text.replace('}', '').split('{');
        return [name, list.split(',').filter(Boolean)];
      },
    );
    assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(labels));
  });

  it('name every exit code of the command line, and no other', () => {
    const [, table = ''] = read('docs/command-line.md').split('| Exit code |');
    const documented = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| (\d+) /gm)].map(([, code]) =>
      Number(code),
    );
    assert.deepEqual(documented, [...Object.values(exitCodes), 130]);
  });
});
