import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { OmnispindleError } from './errors.ts';
import { networkVariable, type NetworkSettings } from './networkVariable.ts';

const mostExceptions = 256;

const settingsSchema = z.object({
  proxy: z.optional(z.string().check(z.maxLength(2_048))),
  hasLogin: z.optional(z.boolean()),
  noProxy: z.optional(z.array(z.string().check(z.maxLength(256))).check(z.maxLength(mostExceptions))),
  checksProxy: z.optional(z.boolean()),
  systemCertificates: z.optional(z.boolean()),
});

/**
 * What the editor that started us says of the network.
 * @throws OmnispindleError `invalid_settings` where the variable holds something else
 */
export function networkSettings(env: NodeJS.ProcessEnv = process.env): NetworkSettings {
  const text = env[networkVariable];
  if (!text) return {};
  try {
    return settingsSchema.parse(JSON.parse(text));
  } catch {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        '{0} is not what an editor has written. Start the server again from the editor.',
        networkVariable,
      ),
    );
  }
}
