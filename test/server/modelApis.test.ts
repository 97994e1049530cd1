import assert from 'node:assert/strict';
import toolList from '../../src/server/generated/toolList.json' with { type: 'json' };

type Schema = Record<string, unknown>;

/**
 * The keywords that every large model API takes in the parameters of a function, and where each is said:
 * - Gemini, `Schema` of `functionDeclarations.parameters` (https://ai.google.dev/api/caching#Schema), the narrowest: any
 *   other is refused with "Unknown name", as propertyNames (zendev-sh/zenflow 14), exclusiveMinimum (pizza-bot-app/pizza-bot
 *   62), const, patternProperties (zendev-sh/goai 108), $schema, $ref; `default` and `format` it takes and does not read.
 * - OpenAI, function calling without `strict` (https://platform.openai.com/docs/guides/function-calling): refuses an array
 *   without items (modelcontextprotocol/modelcontextprotocol 410), tuples so too (PrefectHQ/fastmcp 2464), allOf
 *   (makenotion/notion-mcp-server 102).
 * - Anthropic, `input_schema` (https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview): JSON Schema
 *   2020-12, so neither draft-07 tuples nor `exclusiveMinimum: true`.
 * - Amazon Bedrock, `toolSpec.inputSchema.json` (https://docs.aws.amazon.com/nova/latest/userguide/tool-use-definition.html).
 *
 * `additionalProperties` is the one on which they disagree: Gemini's `parameters` refuses it (promptfoo/promptfoo 6902) and
 * its `parametersJsonSchema` takes it; OpenAI's strict mode wants it. As all servers made with the SDK have it, clients
 * take it out for those that refuse it. It is only ever `false`, which says that a misspelt argument is refused.
 */
const takenByAll: readonly string[] = [
  'type',
  'description',
  'properties',
  'required',
  'items',
  'enum',
  'default',
  'format',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'additionalProperties',
];

/** What is wrong with a schema for one of them. */
function* problems(schema: Schema, path: string): Generator<string> {
  for (const name of Object.keys(schema)) if (!takenByAll.includes(name)) yield `${path} has ${name}`;
  const { type, properties, required, items, format, description } = schema;
  if (typeof type !== 'string' || !['object', 'array', 'string', 'integer', 'boolean'].includes(type)) {
    yield `${path} has the type ${JSON.stringify(type)}`;
  }
  if (type !== 'object' && (properties ?? required) !== undefined) {
    yield `${path} is no object, but has fields`;
  }
  // Gemini: "only 'enum' and 'date-time' are supported for STRING type".
  if (format !== undefined && format !== 'date-time') {
    yield `${path} has the format ${JSON.stringify(format)}`;
  }
  // Gemini takes choices between texts only.
  if (
    'enum' in schema &&
    (type !== 'string' || !(schema['enum'] as unknown[]).every(one => typeof one === 'string'))
  ) {
    yield `${path} chooses between other things than texts`;
  }
  if (schema['additionalProperties'] !== undefined && schema['additionalProperties'] !== false) {
    yield `${path} describes additionalProperties`;
  }
  // OpenAI: 1,024 characters.
  if (typeof description === 'string' && description.length > 1_024) yield `${path} says too much`;
  if (type === 'array') {
    if (typeof items !== 'object' || items === null || Array.isArray(items)) yield `${path} has no items`;
    else yield* problems(items as Schema, `${path}[]`);
  }
  const fields = Object.entries((properties ?? {}) as Record<string, Schema>);
  for (const name of (required ?? []) as string[]) {
    if (!fields.some(([field]) => field === name)) yield `${path} requires ${name}, which it does not have`;
  }
  for (const [name, part] of fields) {
    // Anthropic: "Property keys should match pattern".
    if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(name)) yield `${path} has a field ${name}`;
    yield* problems(part, `${path}.${name}`);
  }
}

describe('the schemas that the tools publish', () => {
  it('[W11] use only what every large model API takes', () => {
    assert.deepEqual(
      toolList.flatMap(({ name, inputSchema }) => [...problems(inputSchema, name)]),
      [],
    );
  });

  it('[W11] have names and descriptions that every large model API takes', () => {
    for (const { name, description, inputSchema } of toolList) {
      // OpenAI and Bedrock: 64 characters, of which clients take some for the server's name.
      assert.match(name, /^[a-zA-Z][a-zA-Z0-9_]{0,39}$/);
      assert.ok(description.length > 0 && description.length <= 1_024, name);
      assert.equal(inputSchema.type, 'object');
    }
  });

  it('[W11] have no keyword for what only JSON Schema knows, in what they answer either', () => {
    const text = JSON.stringify(toolList);
    for (const keyword of [
      '$schema',
      '$ref',
      '$defs',
      'propertyNames',
      'const',
      'oneOf',
      'allOf',
      'prefixItems',
    ]) {
      assert.ok(!text.includes(`"${keyword}":`), keyword);
    }
  });
});
