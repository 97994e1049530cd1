import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { OmnispindleError } from '../common/errors.ts';
import { definitionVariable } from './variables.ts';

const text = z.string().check(z.minLength(1));
const purpose = { audience: z.optional(text), scopes: z.optional(z.array(z.string())) };

/**
 * What an editor says of a server, so that whoever starts it need say no more. It is written to disk, so nothing in it is
 * a secret.
 */
const definitionSchema = z.object({
  version: z.literal(1),
  /** Its name in the settings. */
  name: text,
  /** Where the editor's windows keep their records; absent where they can keep none. */
  windows: z.optional(text),
  /** Which editor, and which profile of it. */
  editor: z.string(),
  /** The tenant, where no window is open; absent where the settings name none. */
  tenant: z.optional(
    z.object({
      domain: text,
      clientId: text,
      audience: text,
      organization: z.optional(text),
    }),
  ),
  /** What is wrong with those settings, in words for a person. */
  problem: z.optional(z.string()),
  callbackPort: z.optional(z.int()),
  /** Absent for the bundled one. */
  server: z.optional(
    z.union([
      z.object({
        url: text,
        transport: z.optional(z.enum(['http-first', 'sse-first', 'http-only', 'sse-only'])),
        ...purpose,
      }),
      z.object({
        command: text,
        args: z.array(z.string()),
        cwd: z.optional(text),
        tokenVariable: text,
        ...purpose,
      }),
    ]),
  ),
  /** The names of its headers or variables, whose values only a window tells. */
  secrets: z.optional(z.array(z.string())),
});
/** What an editor says of a server. */
export type ServerDefinition = z.infer<typeof definitionSchema>;

/** Largest definition (characters) that is read: an environment has little room. */
const largest = 128 * 1024;

/**
 * The definition that the environment holds; undefined where it holds none.
 * @throws OmnispindleError `invalid_settings` where it is not one of this version
 */
export function readDefinition(env: NodeJS.ProcessEnv = process.env): ServerDefinition | undefined {
  const written = env[definitionVariable];
  if (!written) return undefined;
  try {
    if (written.length > largest) throw new RangeError('too long');
    return definitionSchema.parse(JSON.parse(Buffer.from(written, 'base64url').toString()));
  } catch {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        'What the editor says of this server cannot be understood: it was written by another version, or cut off. Reload the window, then start the server again.',
      ),
    );
  }
}
