import * as vscode from 'vscode';
import type { Join } from '../broker/door.ts';
import type { BrokerGrant, BrokerHost } from '../broker/host.ts';
import { OmnispindleError } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import type { AgentConsents } from './agentConsents.ts';
import { isSameUse, type AgentUse } from './agentUse.ts';
import type { ConfiguredServer } from './configuredServers.ts';
import type { Definitions } from './definition.ts';
import { late } from './late.ts';
import { targetOf } from './launch.ts';
import type { JoinedServer, Running } from './runningServers.ts';
import { readServers } from './readServers.ts';
import type { TermsOf } from './serverTerms.ts';

/** The parts that decide what servers get that agents have started. */
export interface AgentServersOptions {
  readonly broker: Pick<BrokerHost, 'grantLate'>;
  readonly consents: () => Promise<AgentConsents>;
  readonly definitions: Definitions;
  readonly termsOf: TermsOf;
}

/** The servers that agents have started, without this window. */
export interface AgentServers {
  readonly join: Join;
  list(): readonly JoinedServer[];
  /** Takes the keys back of what agents are using so. */
  revoke(uses: readonly AgentUse[]): void;
  /** Takes the keys back of servers that are not any more what they were when they started. */
  revokeChanged(): Promise<void>;
}

interface Joined extends Pick<Running, 'account'> {
  readonly grant: BrokerGrant;
  readonly use: AgentUse;
  readonly definition: string;
  readonly since: number;
}

/** How many keys there may be, and how long (ms) one may be unused. */
const mostJoined = 256;
const unusedFor = 60_000;

/**
 * Gives keys to servers that an agent has started by what the editor says of them: what one gets is decided by the
 * settings now, as if this window had started it, once the person has said that this agent may use it.
 */
export function createAgentServers(options: AgentServersOptions): AgentServers {
  const { broker, definitions, termsOf } = options;
  const questions = late(async () => {
    const { createAgentQuestions } = await import('./agentQuestions.ts');
    return createAgentQuestions(await options.consents());
  });
  const joined = new Set<Joined>();

  /** @throws OmnispindleError `invalid_settings` where it was started by what does not hold any more */
  async function configuredNow(name: string, definition: string): Promise<ConfiguredServer | undefined> {
    const { servers } = await readServers();
    const configured = servers.get(name);
    if (servers.has(name) && definitions.hashOf(name, configured) === definition) return configured;
    throw new OmnispindleError(
      'invalid_settings',
      vscode.l10n.t(
        'The settings of {0} have changed since the agent started it. Start it again, in a new session of the agent for example.',
        plainLine(name),
      ),
    );
  }

  /** @throws OmnispindleError `server_error` where there is no room for another */
  function makeRoom(): void {
    for (const its of joined) {
      if (!its.grant.isConnected() && Date.now() - its.since > unusedFor) revoke(its);
    }
    if (joined.size < mostJoined) return;
    throw new OmnispindleError(
      'server_error',
      vscode.l10n.t('Agents use too many servers of this window at once. End some of them, then try again.'),
    );
  }

  function revoke(its: Joined): void {
    joined.delete(its);
    void its.grant.revoke();
  }

  return {
    async join({ server: name, definition, client = '' }) {
      const configured = await configuredNow(name, definition);
      makeRoom();
      const use = { server: name, target: configured ? targetOf(configured) : '', agent: client.trim() };
      const find = termsOf({
        name,
        configured,
        onAccount({ id }) {
          its.account = id;
        },
      });
      const grant = await broker.grantLate(async waiting => {
        const allowAgent = await questions();
        await allowAgent(use, waiting);
        return find(waiting);
      });
      const its: Joined = { grant, use, definition, since: Date.now() };
      joined.add(its);
      return grant;
    },
    list: () =>
      Array.from(joined, its => ({
        server: its.use.server,
        account: its.account,
        drop: () => {
          revoke(its);
        },
      })),
    revoke(uses) {
      for (const its of joined) if (uses.some(use => isSameUse(use, its.use))) revoke(its);
    },
    async revokeChanged() {
      const { servers } = await readServers();
      for (const its of joined) {
        const { server } = its.use;
        const isSame =
          servers.has(server) && definitions.hashOf(server, servers.get(server)) === its.definition;
        if (!isSame) revoke(its);
      }
    },
  };
}
