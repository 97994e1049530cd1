import { settingText } from '../common/settingText.ts';
import type { OperationsSettings } from '../server/http/operations.ts';
import { parseLoadout, type Loadout } from '../server/loadouts.ts';
import { readDatabaseSettings, type DatabaseSettings } from './databaseSettings.ts';
import { readEnvironment, type Environment } from './environment.ts';
import { readHttpSettings, type HttpOptions, type HttpSettings } from './httpSettings.ts';
import { readOperationsSettings, type OperationsFlags } from './operationsSettings.ts';
import { useServerFile, type ServerFile } from './serverFile.ts';

/** The options of `serve --http`, as typed. */
export interface ServeHttpOptions extends HttpOptions, OperationsFlags {
  readonly organization?: string;
  readonly envFile?: string;
}

/** All that can be set of a team's server. */
export interface ServerSettings
  extends Pick<ServerFile, 'notices' | 'explain'>, Pick<Environment, 'tenant' | 'namedAudience'> {
  readonly http: HttpSettings;
  readonly operations: OperationsSettings;
  /** Undefined where todos are in the data directory. */
  readonly database: DatabaseSettings | undefined;
  readonly loadout: Loadout;
  /** Whether the log has what helps to find a mistake. */
  readonly isDetailed: boolean;
}

/**
 * Reads the settings of a team's server: options first, then the environment, then the file that `--env-file` names.
 * @throws OmnispindleError `invalid_settings`, naming the option or variable, and the file that it was found in
 */
export async function readServerSettings(
  { organization, envFile, ...options }: ServeHttpOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ServerSettings> {
  const { file, notices, explain } = await useServerFile(envFile, env);
  try {
    const { tenant, namedAudience } = await readEnvironment({ env, file, organization });
    return {
      http: readHttpSettings(options, env),
      operations: readOperationsSettings(options, env),
      database: readDatabaseSettings(env),
      tenant,
      ...(namedAudience !== undefined && { namedAudience }),
      loadout: parseLoadout(settingText('OMNISPINDLE_TOOL_LOADOUT', env['OMNISPINDLE_TOOL_LOADOUT'])),
      isDetailed: Boolean(env['OMNISPINDLE_DEBUG']),
      notices,
      explain,
    };
  } catch (error) {
    throw explain(error);
  }
}
