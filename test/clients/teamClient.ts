import type { DemoTenant } from '../tenant/tenant.ts';
import type { TurnedAway } from '../tenant/browserless.ts';
import type { Way } from './team.ts';

/** What a client is started with. */
export interface ClientStart {
  /** The team's server: all that a person gives it. */
  readonly url: string;
  readonly way: Way;
  /** Where the browser comes back to. */
  readonly port: number;
  /** What the person's own settings say; other programs than ours know nothing of it. */
  readonly tenant: Pick<DemoTenant, 'domain' | 'clientId' | 'audience'>;
  /** The person's home: what the client keeps is in it. */
  readonly home: string;
  /** Another tool than `whoami`, which needs no scope. */
  readonly tool?: string;
  /** Who sits at the browser, where not the demo user. */
  readonly person?: TurnedAway;
}

/** What `whoami` answers, as far as every tenant says it. */
export interface Known {
  readonly sub: string;
  readonly scopes: readonly string[];
}

/** A client on the person's machine; what it keeps is there at the next call. */
export interface TeamClient {
  readonly name: string;
  /** The ways that it has. */
  readonly ways: readonly Way[];
  /** Where its browser comes back to. */
  callback(port: number): string;
  /** The address of its metadata document; nobody on the internet is asked for it: the tenant of the tests has it. */
  readonly document: string;
  /** Starts it, signs in where it asks for that, and calls the tool. @returns what `whoami` knows of it */
  whoAmI(start: ClientStart): Promise<Known>;
}

/** The id that it has at the tenant where somebody registered it by hand. */
export const registeredId = 'registered-by-hand';

/** Reads the answer of `whoami`. @throws Error with what it says instead */
export function knownFrom({ isError, structuredContent, content }: Record<string, unknown>): Known {
  if (isError !== true && structuredContent) return structuredContent as Known;
  throw new Error((content as { text?: string }[]).map(({ text }) => text ?? '').join('\n'));
}
