import type { ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import type { ToolScope } from '../common/toolScopes.ts';
import type { PersonalStore } from '../store/store.ts';
import type { Caller } from './authenticate.ts';

type Shape = z.ZodRawShape;
type Values<S extends Shape> = z.infer<z.ZodObject<S>>;

/** What a tool may use. The store is opened when a tool asks for it. */
export interface ToolContext {
  readonly caller: Caller;
  store(): Promise<PersonalStore>;
}

/** One tool as a model sees it, and what it does. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Shape;
  readonly output: Shape;
  readonly annotations: ToolAnnotations;
  /** The scope it needs; `undefined` where any account may call it. */
  readonly scope: ToolScope | undefined;
  /** @throws ToolError with what the model should know. */
  run(input: Record<string, unknown>, context: ToolContext): Promise<Record<string, unknown>>;
}

/** Says no to a model in words it can act on. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** Declares a tool with its types; the SDK has validated the input against `input` when `run` is called. */
export function tool<In extends Shape, Out extends Shape>(
  declaration: Omit<Tool, 'input' | 'output' | 'run'> & {
    readonly input: In;
    readonly output: Out;
    run(input: Values<In>, context: ToolContext): Promise<Values<Out>>;
  },
): Tool {
  return declaration;
}

const own = { openWorldHint: false } as const;
/** Annotations (MCP specification, "Tools") of the three kinds of tool there are here. */
export const reads = { ...own, readOnlyHint: true, idempotentHint: true, destructiveHint: false } as const;
/** For a tool that only adds. */
export const adds = { ...own, readOnlyHint: false, idempotentHint: false, destructiveHint: false } as const;
/** What is not only added counts as destructive (MCP specification, "ToolAnnotations"). */
export const changes = { ...own, readOnlyHint: false, idempotentHint: true, destructiveHint: true } as const;
