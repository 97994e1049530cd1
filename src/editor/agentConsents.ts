import * as z from 'zod/mini';
import type { Memento } from 'vscode';
import { isSameUse, type AgentUse } from './agentUse.ts';

/** Which agents the person lets use their servers. */
export interface AgentConsents {
  has(use: AgentUse): boolean;
  add(use: AgentUse): Promise<void>;
  /** All of this tenant, the newest first. */
  list(): readonly AgentUse[];
  remove(uses: readonly AgentUse[]): Promise<void>;
}

const key = 'agentConsents';
/** How many are remembered; the person is asked again for those before. */
const mostConsents = 256;

const consentsSchema = z.array(
  z.object({ issuer: z.string(), server: z.string(), target: z.string(), agent: z.string() }),
);

/**
 * Keeps the answers in the extension's global state.
 * @param issuer the tenant's issuer now
 */
export function createAgentConsents(state: Memento, issuer: () => string): AgentConsents {
  const all = () => consentsSchema.safeParse(state.get(key)).data ?? [];
  const isFor = (use: AgentUse) => (consent: z.infer<typeof consentsSchema>[number]) =>
    consent.issuer === issuer() && isSameUse(consent, use);
  return {
    has: use => all().some(isFor(use)),
    async add({ server, target, agent }) {
      const others = all().filter(consent => !isFor({ server, target, agent })(consent));
      await state.update(
        key,
        [{ issuer: issuer(), server, target, agent }, ...others].slice(0, mostConsents),
      );
    },
    list: () => all().filter(consent => consent.issuer === issuer()),
    async remove(uses) {
      await state.update(
        key,
        all().filter(consent => !uses.some(use => isFor(use)(consent))),
      );
    },
  };
}
