import assert from 'node:assert/strict';
import type { InputSchema } from '../../src/server/lenientInput.ts';
import { ToolError } from '../../src/server/tool.ts';
import { readInput } from '../../src/server/toolInput.ts';
import { allTools } from '../../src/server/generated/allTools.ts';
import toolList from '../../src/server/generated/toolList.json' with { type: 'json' };

type Values = Record<string, unknown>;

/** A value that fits a schema; every optional field is in it. */
function sample(schema: InputSchema & { minimum?: number; format?: string }): unknown {
  switch (schema.type) {
    case 'object':
      return schema.properties
        ? Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, sample(part)]))
        : { free: { a: null, b: ['1', 2, true] } };
    case 'array':
      return [sample(schema.items ?? {})];
    case 'integer':
      return (schema.minimum ?? 0) + 3;
    case 'boolean':
      return false;
    default:
      return schema.enum?.[1] ?? (schema.format ? '2026-01-02T03:04:05.000Z' : 'a word');
  }
}

/** All ways to replace one part of a value, at any depth, with what `replace` makes of it. */
function* variants(
  schema: InputSchema,
  value: unknown,
  replace: (schema: InputSchema, value: unknown, isOptional: boolean) => unknown[],
  isOptional = false,
): Generator {
  yield* replace(schema, value, isOptional);
  if (Array.isArray(value)) {
    for (const part of variants(schema.items ?? {}, value[0], replace)) {
      yield [part, ...(value.slice(1) as unknown[])];
    }
  } else if (schema.properties) {
    for (const [name, part] of Object.entries(schema.properties)) {
      const optional = !(schema.required ?? []).includes(name);
      for (const other of variants(part, (value as Values)[name], replace, optional)) {
        yield { ...(value as Values), [name]: other };
      }
    }
  }
}

describe('what models write for the arguments of a tool', () => {
  const tools = allTools.map(tool => {
    const schema = toolList.find(({ name }) => name === tool.name)?.inputSchema as InputSchema;
    return { tool, schema, whole: sample(schema) as Values };
  });
  const toolOf = (name: string) => {
    const tool = allTools.find(one => one.name === name);
    assert.ok(tool);
    return tool;
  };

  it('[W11] is the same where a list, an object, a number or a boolean comes as JSON text, at any depth', async () => {
    let count = 0;
    for (const { tool, schema, whole } of tools) {
      const meant = await readInput(tool, whole);
      for (const other of variants(schema, whole, ({ type }, value) =>
        type === 'string' ? [] : [JSON.stringify(value), ` ${JSON.stringify(value, null, 2)}\n`],
      )) {
        if (typeof other === 'string') continue;
        assert.deepEqual(await readInput(tool, other), meant, `${tool.name} ${JSON.stringify(other)}`);
        count++;
      }
    }
    assert.ok(count > 50, String(count));
    const grep = toolOf('grep_lessons');
    assert.equal((await readInput(grep, { pattern: 'x', ignore_case: 'False' }))['ignore_case'], false);
  });

  it('[W11] is the same where the words of a choice are written in any case', async () => {
    let count = 0;
    for (const { tool, schema, whole } of tools) {
      const meant = await readInput(tool, whole);
      for (const other of variants(schema, whole, ({ enum: words }, value) =>
        words
          ? [String(value).toUpperCase(), String(value).toLowerCase(), ` ${String(value).replace('_', '-')}`]
          : [],
      )) {
        assert.deepEqual(await readInput(tool, other), meant, `${tool.name} ${JSON.stringify(other)}`);
        count++;
      }
    }
    assert.ok(count > 20, String(count));
    const { status } = await readInput(toolOf('list_todos_by_status'), { status: 'In Progress' });
    assert.equal(status, 'in_progress');
  });

  it('[W11] may be null for what is optional, as if it were not there; what is needed is still asked for', async () => {
    for (const { tool, schema, whole } of tools) {
      const needed = Object.fromEntries(
        Object.entries(whole).filter(([name]) => schema.required?.includes(name)),
      );
      const withNulls = { ...Object.fromEntries(Object.keys(whole).map(name => [name, null])), ...needed };
      assert.deepEqual(await readInput(tool, withNulls), await readInput(tool, needed), tool.name);
      for (const name of schema.required ?? []) {
        await assert.rejects(
          readInput(tool, { ...whole, [name]: null }),
          (error: unknown) => error instanceof ToolError && error.message.includes(name),
          `${tool.name} ${name}`,
        );
      }
    }
    const update = toolOf('update_todo');
    assert.deepEqual(
      await readInput(update, { todo_id: 'x', updates: { notes: 'y', status: null, tags: 'null' } }),
      { todo_id: 'x', updates: { notes: 'y' } },
    );
    await assert.rejects(readInput(update, { todo_id: 'x', updates: { notes: null } }), /at least one field/);
    const metadata = { a: null, b: '[1]', c: 'TRUE' };
    assert.deepEqual(
      (await readInput(toolOf('add_todo'), { description: 'x', project: 'x', metadata }))['metadata'],
      metadata,
    );
  });

  it('[W11] is still refused by name where it is none of that', async () => {
    const add = { description: 'x', project: 'x' };
    for (const [name, given, field] of [
      ['add_todo', { ...add, description: 3 }, /description/],
      ['add_todo', { ...add, tags: 'a, b' }, /tags/],
      ['add_todo', { ...add, tags: '{"0":"a"}' }, /tags/],
      ['add_todo', { ...add, tags: '[1]' }, /tags/],
      ['add_todo', { ...add, metadata: '[]' }, /metadata/],
      ['add_todo', { ...add, metadata: '{"a":' }, /metadata/],
      ['add_todo', { ...add, priority: 'urgent' }, /priority/],
      ['add_todo', { ...add, prio: 'High' }, /prio/],
      ['query_todos', { limit: '5.5' }, /limit/],
      ['query_todos', { limit: '1e999' }, /limit/],
      ['query_todos', { limit: 'five' }, /limit/],
      ['query_todos', { limit: true }, /limit/],
      ['query_todos', { filter: '{"sub":"lin"}' }, /sub/],
      ['query_todos', { since: 'yesterday' }, /since/],
      ['query_todos', { since: '2026-02-30' }, /since/],
      ['grep_lessons', { pattern: 'x', ignore_case: 'yes' }, /ignore_case/],
      ['grep_lessons', { pattern: 'x', ignore_case: 1 }, /ignore_case/],
      ['query_todos', [], /./],
      ['query_todos', 'text', /./],
    ] as const) {
      await assert.rejects(
        readInput(toolOf(name), given),
        (error: unknown) => error instanceof ToolError && field.test(error.message),
        JSON.stringify(given),
      );
    }
  });

  it('[W11] keeps its bounds where it comes as text', async () => {
    const add = { description: 'x', project: 'x' };
    for (const [metadata, problem] of [
      [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, /metadata/],
      [`{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /levels/],
      [`{"x":[${'1,'.repeat(20_000)}1]}`, /values/],
      ['{"__proto__":{"x":1}}', /__proto__/],
      [JSON.stringify({ x: 'y'.repeat(16_000) }), /At most 16000/],
    ] as const) {
      await assert.rejects(readInput(toolOf('add_todo'), { ...add, metadata }), problem);
    }
    const updates = '{"metadata":"{\\"__proto__\\":1}","notes":"x"}';
    await assert.rejects(readInput(toolOf('update_todo'), { todo_id: 'x', updates }), /__proto__/);
    assert.equal(({} as Values)['x'], undefined);
  });

  it('[W11] takes a day, and a time without a zone, as UTC', async () => {
    for (const [since, meant] of [
      ['2026-01-02', '2026-01-02T00:00:00.000Z'],
      ['2026-01-02T03:04', '2026-01-02T03:04:00.000Z'],
      ['2026-01-02 03:04:05', '2026-01-02T03:04:05.000Z'],
      ['2026-01-02t03:04:05.678z', '2026-01-02T03:04:05.678Z'],
      ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05.000Z'],
    ]) {
      assert.equal((await readInput(toolOf('query_todos'), { since }))['since'], meant);
    }
  });

  it('[W11] may come with what a client adds by itself', async () => {
    for (const { tool, whole } of tools) {
      const added = { ...whole, toolCallId: 'call_1', sessionId: 's' };
      assert.deepEqual(await readInput(tool, added), await readInput(tool, whole), tool.name);
    }
  });
});
