import { useUser, type UserFixture } from '../tenant/useTenant.ts';
import { serve, type Served, type Surroundings } from './fixtures.ts';

/** A tenant, and servers that sign in there. */
export interface ServersFixture extends UserFixture {
  /** Those that the test has started and not closed. */
  readonly running: readonly Served[];
  /** Starts `omnispindle serve` in the test's directory, and closes it after the test. */
  start(more?: Partial<Surroundings>, cwd?: string): Promise<Served>;
  /** Closes them sooner than after the test. */
  close(): Promise<void>;
}

/** Registers the mocha hooks of {@link useTenant}, and closes the servers a test has started after it. */
export function useServers(): ServersFixture {
  let running: Served[] = [];

  async function close(): Promise<void> {
    await Promise.all(running.map(({ client }) => client.close()));
    running = [];
  }
  const given = useUser(close);

  return {
    get tenant() {
      return given.tenant;
    },
    get directory() {
      return given.directory;
    },
    get running() {
      return running;
    },
    async start(more = {}, cwd) {
      const { tenant, directory } = given;
      const served = await serve({ tenant, directory, ...more }, cwd);
      running.push(served);
      return served;
    },
    close,
  };
}
