import { callOf, resultOf } from '../server/http/fixtures.ts';
import type { DemoTenant } from '../tenant/tenant.ts';
import { teamScopes } from '../team/team.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from './engine.ts';

/** The public address that the containers are told, with a proxy that no test needs. */
export const publicUrl = 'https://todos.example.com';

/** Calls a tool as somebody, through the port of a container. @returns its result */
export async function callAs(
  tenant: DemoTenant,
  sub: string,
  port: number,
  tool: string,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const token = await tenant.sign({ sub, aud: `${publicUrl}/mcp`, scope: teamScopes.join(' ') });
  const { headers, body } = callOf(tool, input, { token });
  const response = await fetch(`http://127.0.0.1:${String(port)}/mcp`, {
    method: 'POST',
    headers,
    body,
    ...(body && { duplex: 'half' }),
  });
  const { structuredContent } = await resultOf(response);
  return structuredContent as Record<string, unknown>;
}

/**
 * Waits until the server of a container takes calls.
 * @throws Error with its log, where it ends instead, or does not within half a minute
 */
export async function untilReady(engine: Engine, container: string, port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const ready = await fetch(`http://127.0.0.1:${String(port)}/readyz`).catch(() => undefined);
    await ready?.body?.cancel();
    if (ready?.ok) return;
    if (!(await stateOf(engine, container)).Running) break;
    await delay(100);
  }
  throw new Error(`${container} takes no calls:\n${await logOf(engine, container)}`);
}

/** What an engine says of a container. */
export interface State {
  readonly Running: boolean;
  readonly Pid: number;
  readonly ExitCode: number;
  readonly Health?: { readonly Status: string };
}

/** How a container is. */
export async function stateOf(engine: Engine, container: string): Promise<State> {
  return JSON.parse(await engine.run('inspect', '--format', '{{json .State}}', container)) as State;
}

/** What a container has written, on both streams. */
export async function logOf(engine: Engine, container: string): Promise<string> {
  return engine.both('logs', container);
}
