import { settingText } from '../common/settingText.ts';
import { accountRate, addressRate, parseRate } from '../server/http/limits/rateSetting.ts';
import type { OperationsSettings } from '../server/http/operations.ts';
import { numberIn } from './httpSettings.ts';

/** The options of `serve --http` about how it is watched, as typed. */
export interface OperationsFlags {
  readonly metricsPort?: string;
}

/** Most proxies that a request may pass. */
const mostProxies = 10;

/**
 * Reads how a team's server is watched, and how much of it one person may use.
 * @throws OmnispindleError `invalid_settings`, naming the option or variable
 */
export function readOperationsSettings(
  { metricsPort }: OperationsFlags,
  env: NodeJS.ProcessEnv = process.env,
): OperationsSettings {
  const number = numberIn(env);
  const port = number('OMNISPINDLE_METRICS_PORT', '--metrics-port', { most: 65_535, given: metricsPort });
  const text = (name: string) => settingText(name, env[name]);
  const rate = (name: string, standard: typeof accountRate) => parseRate(name, text(name), standard);
  const host = text('OMNISPINDLE_METRICS_HOST');
  return {
    metrics: port === undefined ? undefined : { port, ...(host !== undefined && { host }) },
    accountRate: rate('OMNISPINDLE_RATE_LIMIT', accountRate),
    addressRate: rate('OMNISPINDLE_ADDRESS_RATE_LIMIT', addressRate),
    proxies: number('OMNISPINDLE_TRUSTED_PROXIES', undefined, { least: 0, most: mostProxies }) ?? 0,
  };
}
