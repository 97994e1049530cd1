import { isJSONRPCRequest } from '@modelcontextprotocol/server';
import { isObject } from '../common/isObject.ts';

/** JSON Schema (draft 2020-12) as far as the tools' own schemas use it. */
export interface InputSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, InputSchema>>;
  readonly required?: readonly string[];
  readonly items?: InputSchema;
  readonly enum?: readonly string[];
}

type Values = Record<string, unknown>;

/**
 * Reads a value as its writer meant it. Models write lists, objects, numbers and booleans as JSON text, null for what
 * is optional, and the words of a choice in any case; whether it is right then is for the validation to say.
 */
export function asMeant(schema: InputSchema, value: unknown): unknown {
  const given = typeof value === 'string' ? fromText(schema, value) : value;
  if (Array.isArray(given)) {
    const { items } = schema;
    return items ? given.map(item => asMeant(items, item)) : given;
  }
  return isObject(given) && schema.properties ? fields(schema, given) : given;
}

/**
 * A message with the arguments of its call as their writer meant them. Clients write what a model has not written as
 * null, or as it wrote it: as text.
 */
export function withMeantArguments<T>(message: T): T {
  if (!isJSONRPCRequest(message) || message.method !== 'tools/call' || !message.params) return message;
  const { arguments: given, ...params } = message.params;
  const meant = objectFromText(given) ?? undefined;
  return { ...message, params: { ...params, ...(meant !== undefined && { arguments: meant }) } };
}

/** Reads an object from JSON text. @returns what was given, where that is not JSON of an object */
function objectFromText(value: unknown): unknown {
  return typeof value === 'string' ? fromText({ type: 'object' }, value) : value;
}

function fields({ properties = {}, required = [] }: InputSchema, given: Values): Values {
  const read = Object.entries(given).map(([name, value]) => {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return {
      name,
      isOptional: schema && !required.includes(name),
      value: schema ? asMeant(schema, value) : value,
    };
  });
  return Object.fromEntries(
    read
      .filter(({ isOptional, value }) => !(isOptional && value === null))
      .map(({ name, value }) => [name, value]),
  );
}

function fromText(schema: InputSchema, text: string): unknown {
  if (schema.type === 'string') return schema.enum?.find(word => plain(word) === plain(text)) ?? text;
  let parsed: unknown;
  try {
    // Python has its own way to write these.
    parsed = JSON.parse(/^\s*(true|false)\s*$/i.test(text) ? text.toLowerCase() : text);
  } catch {
    return text;
  }
  return parsed === null || isOfType(schema.type, parsed) ? parsed : text;
}

/** A word of a choice, however it is written. */
function plain(word: string): string {
  return word.trim().toLowerCase().replace(/[\s-]/g, '_');
}

function isOfType(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
    case 'number':
      return typeof value === 'number';
    default:
      return typeof value === type;
  }
}
