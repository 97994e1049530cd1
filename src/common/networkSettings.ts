import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { OmnispindleError } from './errors.ts';

/** In which an editor tells a server that it starts how its requests are to travel. */
export const networkVariable = 'OMNISPINDLE_NETWORK';

const mostExceptions = 256;

const settingsSchema = z.object({
  proxy: z.optional(z.string().check(z.maxLength(2_048))),
  hasLogin: z.optional(z.boolean()),
  noProxy: z.optional(z.array(z.string().check(z.maxLength(256))).check(z.maxLength(mostExceptions))),
  checksProxy: z.optional(z.boolean()),
  systemCertificates: z.optional(z.boolean()),
});

/** What an editor's settings say of the network; nothing of it is a secret. */
export interface NetworkSettings {
  /** The proxy's address, without a name and a password. */
  readonly proxy?: string | undefined;
  /** Whether the proxy wants to know who asks: the editor's window tells that, to who may know it. */
  readonly hasLogin?: boolean | undefined;
  /** Hosts that are reached without the proxy. */
  readonly noProxy?: readonly string[] | undefined;
  /** Whether the proxy's own certificate is checked; it is where absent. */
  readonly checksProxy?: boolean | undefined;
  /** Whether what the operating system trusts is trusted, besides what Node.js does. */
  readonly systemCertificates?: boolean | undefined;
}

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
