import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { codeOf, messageOf } from '../common/errors.ts';
import { withLock } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { storageFailed } from '../platform/paths.ts';
import { readPrivateFile, writePrivateFile } from '../platform/privateFile.ts';
import { labelsFor } from './labelsFor.ts';
import { issuerOf } from '../auth/tenant.ts';
import type { Session } from './session.ts';

/** The labels that were given, in the user's directory. Of a label and an account only hashes are kept. */
const fileName = 'labels.json';
/** Largest file (bytes) that is read. */
const largest = 1 << 20;
/** How many labels are remembered; whoever signs in after that gets one that nobody else can have. */
const mostLabels = 4_096;

const hash = z.string().check(z.regex(/^[0-9a-f]{32}$/));
const entrySchema = z.object({ label: hash, account: hash, issuer: hash });
const fileSchema = z.object({
  version: z.literal(1),
  given: z.array(entrySchema).check(z.maxLength(mostLabels)),
});
type Given = z.infer<typeof entrySchema>;

/** Gives accounts their labels. */
export interface Labels {
  /**
   * The session with its account's label: the one that the account has or had, else one that no other account has or ever
   * had. An editor keeps by the label who may use an account.
   * @param stored all stored sessions, whose labels stay
   */
  label(session: Session, stored: readonly Session[]): Promise<Session>;
}

/**
 * Builds the {@link Labels} of a directory, which all processes of the user share.
 * @param directory the user's own
 */
export function createLabels({ directory, log }: { readonly directory: string; readonly log: Log }): Labels {
  const path = join(directory, fileName);

  /** Undefined where what was given cannot be known. */
  async function read(): Promise<readonly Given[] | undefined> {
    try {
      return fileSchema.parse(JSON.parse(await readPrivateFile(path, largest, log))).given;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      log.warn(
        l10n.t(
          'The labels of accounts in {0} cannot be read, so that new accounts get longer ones. Remove that file to begin with new ones.',
          path,
        ),
      );
      log.debug(messageOf(error));
      return undefined;
    }
  }

  /** A full disk costs nobody their sign-in: the label is written down at the next one, as that of a stored session. */
  async function write(given: readonly Given[]): Promise<void> {
    await writePrivateFile(path, JSON.stringify({ version: 1, given })).catch((error: unknown) => {
      log.warn(storageFailed(path, error).message);
    });
  }

  return {
    label(session, stored) {
      return withLock(directory, 'labels', log, async () => {
        const before = await read();
        const given = withStored(before ?? [], stored);
        const owned = { account: accountOf(session), issuer: issuerHash(session) };
        const present = stored.find(one => accountOf(one) === owned.account)?.account.label;
        const [plain = '', ...longer] = labelsFor(session);
        const last = longer.at(-1) ?? plain;
        const owner = given.get(hashOf(plain));
        // Where it is another tenant's account that has the plain one, the connection does not tell them apart.
        const isElsewhere = owner !== undefined && owner.issuer !== owned.issuer;
        const others = isElsewhere ? longer.slice(1) : longer;
        const isFree = (label: string) => {
          const holder = given.get(hashOf(label))?.account;
          return holder === owned.account || (holder === undefined && before !== undefined);
        };
        const isFull = given.size >= mostLabels;
        const label = [...(present === undefined ? [] : [present]), plain, ...others].find(isFree) ?? last;
        const known = given.get(hashOf(label))?.account === owned.account;
        const chosen = known || !isFull ? label : last;
        if (before !== undefined && !isFull) given.set(hashOf(chosen), { label: hashOf(chosen), ...owned });
        if (before !== undefined && given.size > before.length) {
          await write([...given.values()].slice(0, mostLabels));
        }
        return { ...session, account: { ...session.account, label: chosen } };
      });
    },
  };
}

/** Whether two accounts have one label, as an earlier version may have given it; letters of either case are the same. */
export function haveOneLabel(sessions: readonly Session[]): boolean {
  const accounts = new Map(sessions.map(session => [accountOf(session), hashOf(session.account.label)]));
  return new Set(accounts.values()).size < accounts.size;
}

/** What was given, by the label, with those that stored sessions have; of two accounts the earlier one has it. */
function withStored(before: readonly Given[], stored: readonly Session[]): Map<string, Given> {
  const given = new Map(before.map(entry => [entry.label, entry]));
  for (const session of stored.toSorted((a, b) => a.signedInAt - b.signedInAt)) {
    const label = hashOf(session.account.label);
    if (!given.has(label)) {
      given.set(label, { label, account: accountOf(session), issuer: issuerHash(session) });
    }
  }
  return given;
}

/** An account is one person at one issuer, and in one organization, whatever the client and the API. */
function accountOf({ tenant, account }: Session): string {
  return hashOf(JSON.stringify([placeOf(tenant.domain), account.id, account.organization?.id]), false);
}

function issuerHash({ tenant }: Session): string {
  return hashOf(placeOf(tenant.domain));
}

/** A stored session may be of a domain that we would not go to any more. */
function placeOf(domain: string): string {
  try {
    return issuerOf({ domain });
  } catch {
    return domain;
  }
}

function hashOf(text: string, ignoresCase = true): string {
  return createHash('sha256')
    .update(ignoresCase ? text.toLowerCase() : text)
    .digest('hex')
    .slice(0, 32);
}
