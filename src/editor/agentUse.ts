/** An agent that wants to use a server. */
export interface AgentUse {
  /** The name of the server, and what it is: a name may be given to another. */
  readonly server: string;
  readonly target: string;
  /** What the agent calls itself; empty where it gives no name. */
  readonly agent: string;
}

/** Whether that is the same agent, and the same server. */
export function isSameUse(one: AgentUse, other: AgentUse): boolean {
  return one.server === other.server && one.target === other.target && one.agent === other.agent;
}
