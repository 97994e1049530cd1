import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { StoreError } from '../../../src/store/storeError.ts';
import { linesOf } from '../../../src/store/transfer/lines.ts';
import { readRecords } from '../../../src/store/transfer/readLines.ts';
import type { StoreRecord } from '../../../src/store/transfer/records.ts';
import { exportLines } from '../../../src/store/transfer/writeLines.ts';

const at = '2026-01-01T00:00:00.000Z';
const todo: StoreRecord = {
  type: 'todo',
  id: 'a',
  description: 'Spin “finest” wool\n\u2028 \u{1f9f6}',
  project: 'wool',
  priority: 'High',
  status: 'review',
  target_agent: '',
  notes: '',
  ticket: 'W-1',
  tags: ['x', ''],
  metadata: JSON.parse('{"b":[1,{"c":null}],"__proto__":{"d":1}}') as Record<string, unknown>,
  comment: '',
  created_at: at,
  updated_at: at,
  completed_at: at,
};
const lesson: StoreRecord = {
  type: 'lesson',
  id: 'b',
  language: 'SQL',
  topic: 'FTS5',
  lesson_learned: 'Quote it.',
  tags: [],
  created_at: at,
  updated_at: at,
};
const log: StoreRecord = {
  type: 'log',
  id: 'c',
  todo_id: 'a',
  operation: 'update',
  at,
  project: 'wool',
  changes: { notes: { from: null, to: { deep: [] } } },
};
const records = [log, todo, lesson];

async function written(some: readonly StoreRecord[] = records): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportLines(some, at)) lines.push(line);
  return lines;
}

async function read(text: string | Uint8Array, longest?: number): Promise<StoreRecord[]> {
  const found: StoreRecord[] = [];
  for await (const { record } of readRecords([Buffer.from(text)], longest)) found.push(record);
  return found;
}

const refuses = (text: string | Uint8Array, message: RegExp, longest?: number) =>
  assert.rejects(
    read(text, longest),
    error => error instanceof StoreError && error.code === 'invalid_records' && message.test(error.message),
  );

describe('the format of an export', () => {
  it('is read as it was written, whichever way lines end, parts come, and empty lines are in it', async () => {
    const text = (await written()).join('');
    assert.deepEqual(await read(text), records);
    assert.deepEqual(await read(`\ufeff${text.replaceAll('\n', '\r\n')}`), records);
    assert.deepEqual(await read(`\n\n${text.replaceAll('\n', '\n \t\r\n')}`), records);
    assert.deepEqual(await read(text.trimEnd()), records);
    const bytes = Buffer.from(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async cuts => {
        const ends = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const parts = ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
        const found: [StoreRecord, number][] = [];
        for await (const { record, line } of readRecords(parts)) found.push([record, line]);
        assert.deepEqual(
          found,
          records.map((record, i) => [record, i + 2]),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('is noticed where it was cut off, at any byte', async () => {
    const bytes = Buffer.from((await written()).join(''));
    for (let length = 0; length < bytes.length - 1; length++) {
      await assert.rejects(read(bytes.subarray(0, length)), { code: 'invalid_records' }, String(length));
    }
    const [head = '', first = '', second = '', third = '', end = ''] = await written();
    await refuses(
      head + first,
      /^Its last line is missing: it was cut off after 0 todos, 0 lessons and 1 log/,
    );
    await refuses(head + first + third + end, /counts 1 todos, 1 lessons and 1 log.* there are 0, 1 and 1/);
    await refuses(head + first + second + third + end + first, /^Line 6 .*after the last line/);
    await refuses('', /^This is no export of Omnispindle. There is nothing in it/);
  });

  it('names the line and what is wrong with it, and not what stands there', async () => {
    const [head = '', , , , end = ''] = await written();
    const secret = 'S3CRET';
    for (const [line, message] of [
      ['{"type":"todo"', /^Line 3 .*not JSON/],
      [`"${secret}"`, /^Line 3 .*no JSON object/],
      ['[]', /^Line 3 .*no JSON object/],
      [JSON.stringify({ ...todo, type: 'note' }), /^Line 3 .*"type" is not as/],
      [JSON.stringify({ ...todo, type: undefined }), /^Line 3 .*"type" is missing/],
      [JSON.stringify({ ...todo, owner: secret }), /^Line 3 .*no field "owner"/],
      [JSON.stringify({ ...todo, [`x\u001b[2J${'y'.repeat(500)}`]: 1 }), /^Line 3 .*no field "xy+…"/],
      [JSON.stringify({ ...todo, status: secret }), /^Line 3 .*"status" is not as/],
      [JSON.stringify({ ...todo, id: '' }), /^Line 3 .*"id" is not as/],
      [JSON.stringify({ ...todo, id: 'x'.repeat(201) }), /^Line 3 .*"id" is not as/],
      [JSON.stringify({ ...todo, notes: undefined }), /^Line 3 .*"notes" is missing/],
      [JSON.stringify({ ...todo, tags: [1] }), /^Line 3 .*"tags.0" is not as/],
      [JSON.stringify({ ...todo, metadata: [] }), /^Line 3 .*"metadata" is not as/],
      [JSON.stringify({ ...todo, updated_at: 'yesterday' }), /^Line 3 .*"updated_at" is not as/],
      [JSON.stringify({ ...todo, project: 'x'.repeat(501) }), /^Line 3 .*"project" is not as/],
      [JSON.stringify({ ...log, changes: { notes: 1 } }), /^Line 3 .*"changes" is not as/],
      [JSON.stringify({ ...lesson, completed_at: null }), /^Line 3 .*no field "completed_at"/],
      [JSON.stringify({ ...todo, metadata: deep(600) }), /^Line 3 .*nested too deep/],
      ['{"type":"end","todos":-1,"lessons":0,"logs":0}', /^Line 3 .*"todos" is not as/],
      ['\ufffe\u0000', /^Line 3 .*not JSON/],
    ] as const) {
      await refuses(`${head}\n${line}\n${end}`, message);
      await assert.rejects(read(`${head}\n${line}\n${end}`), error => !String(error).includes(secret));
    }
    await refuses(
      Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0x0a])]),
      /^Line 2 is not text in UTF-8/,
    );
  });

  it('is told from other files, and from other versions of itself', async () => {
    const [head = '', ...rest] = await written();
    for (const other of ['# Todos\n', '{"format":"x"}\n', '[]', 'null', '{"type":"todo"}', '\u0000\u0001']) {
      await refuses(other + rest.join(''), /^This is no export of Omnispindle.*omnispindle export/);
    }
    for (const version of [2, 0, '1', null, undefined, 'x'.repeat(1_000)]) {
      const other = JSON.stringify({ format: 'omnispindle-export', version, exported_at: at });
      await refuses(
        `${other}\n${rest.join('')}`,
        /^It is an export of version .{1,22}, and this .* reads version 1/,
      );
    }
    await refuses(head.replace('{', '{"x":1,') + rest.join(''), /^Line 1 .*no field "x"/);
  });

  it('has no line that is too long, however the parts come', async () => {
    const lines = await written();
    const longest = Math.max(...lines.map(line => Buffer.byteLength(line.trimEnd())));
    assert.deepEqual(await read(lines.join(''), longest), records);
    await refuses(lines.join(''), /^Line 3 is larger than \d+ bytes/, longest - 1);
    const endless = async () => {
      let given = 0;
      const chunks = function* () {
        for (;;) yield Buffer.alloc(1_000, `${String((given += 1_000))} `);
      };
      for await (const { number } of linesOf(chunks(), 5_000)) assert.fail(String(number));
      return given;
    };
    await assert.rejects(endless(), /Line 1 is larger than 5000 bytes/);
  });

  it('takes times as others write them, and halves of characters as the stores keep them', async () => {
    const [head = '', , , , end = ''] = await written([todo]);
    assert.equal(end, '');
    const line = JSON.stringify({
      ...todo,
      updated_at: '2026-01-01T01:00:00+01:00',
      created_at: '2026-01-01',
    });
    const [found] = await read(`${head}${line}\n{"type":"end","todos":1,"lessons":0,"logs":0}`);
    assert.deepEqual(found, { ...todo, created_at: at });
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Pacific/Chatham';
    try {
      for (const without of ['2026-01-01T00:00', '2026-01-01 00:00:00', '2026-01-01T00:00:00.000']) {
        const local = JSON.stringify({ ...todo, created_at: without });
        const [one] = await read(`${head}${local}\n{"type":"end","todos":1,"lessons":0,"logs":0}`);
        assert.deepEqual(one, { ...todo, created_at: at }, without);
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
    const half = JSON.stringify({ ...todo, notes: 'x\ud800', metadata: { ['\udc00']: ['\udbff'] } });
    const [mended] = await read(`${head}${half}\n{"type":"end","todos":1,"lessons":0,"logs":0}`);
    assert.deepEqual(mended, { ...todo, notes: 'x\ufffd', metadata: { '\ufffd': ['\ufffd'] } });
  });

  it('is described word for word', async () => {
    const docs = readFileSync(
      join(import.meta.dirname, '..', '..', '..', 'docs', 'export-format.md'),
      'utf8',
    );
    const [, example = ''] = /```jsonl\n([^]*?)```/.exec(docs) ?? [];
    const found = await read(example);
    assert.deepEqual(
      found.map(({ type }) => type),
      ['log', 'log', 'todo', 'lesson'],
    );
    for (const record of found) {
      for (const field of Object.keys(record)) assert.ok(docs.includes(`\`${field}\``), field);
    }
  });
});

function deep(levels: number): unknown {
  return levels === 0 ? {} : { x: deep(levels - 1) };
}
