import { openServerBroker } from '../../bridge/local/serverBroker.ts';
import { inheritedEnvironment } from '../../bridge/local/serverEnvironment.ts';
import { runLocalServer } from '../../bridge/local/localServer.ts';
import { parseDirectory, parseTokenVariable, requireDirectory } from '../../bridge/local/localCommand.ts';
import { plainLine } from '../../common/plainText.ts';
import type { ServerDefinition } from '../../broker/serverDefinition.ts';
import { readEnvironment } from '../environment.ts';
import { filledIn } from '../filledIn.ts';
import { listMemoryFor } from '../listMemory.ts';
import { stderrLog } from '../log.ts';
import { openTokenSource } from '../tokenSource.ts';

/** The options of `run`, as typed. */
export interface RunCommandOptions {
  readonly variable: string;
  readonly cwd?: string;
  readonly audience?: string;
  readonly scope?: readonly string[];
  readonly account?: string;
  readonly organization?: string;
  readonly envFile?: string;
  /** What an editor says of the server. */
  readonly definition?: ServerDefinition;
}

/**
 * `omnispindle run`: a stdio server that reads its token from a variable, or asks for it with `getToken()`.
 * @throws OmnispindleError `invalid_settings`
 */
export async function run(
  command: string,
  args: readonly string[],
  { variable, cwd, audience, scope, account, organization, envFile, definition }: RunCommandOptions,
): Promise<void> {
  parseTokenVariable(variable);
  const directory = cwd === undefined ? undefined : parseDirectory(cwd);
  if (directory !== undefined) requireDirectory(directory);
  const log = stderrLog();
  const opened = await openTokenSource({
    log,
    isServer: true,
    environment: () => readEnvironment({ envFile, organization }),
    isForAnother: true,
    ...(account !== undefined && { account }),
    ...(audience !== undefined && { audience }),
    ...(scope && { scopes: scope }),
    ...(definition && { definition }),
  });
  const { secrets } = opened;
  const env = inheritedEnvironment(process.env);
  const tokenSource = secrets ? filledIn({ ...opened, secrets }, env, told => ({ ...told.env })) : opened;
  const broker = await openServerBroker({ tokenSource, allowed: { audience, scopes: scope }, log });
  try {
    await runLocalServer({
      command,
      args,
      variable,
      env: Object.assign(env, broker.env),
      ...(directory !== undefined && { cwd: directory }),
      tokenSource,
      asksItself: broker.isConnected,
      name: definition && plainLine(definition.name),
      listMemory: listMemoryFor(tokenSource, {
        server: ['run', directory ?? process.cwd(), command, args],
        account,
        log,
      }),
      log,
    });
  } finally {
    await broker.dispose();
  }
  process.exit();
}
