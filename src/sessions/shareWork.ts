import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';
import { errorTold } from '../auth/authError.ts';
import { isOmnispindleError, type ErrorCode } from '../common/errors.ts';
import { lookEvery } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { readPrivateFile, writePrivateFile } from '../platform/privateFile.ts';
import type { OnProgress } from './signInEvent.ts';
import { eventIn, newsFields, newsOf } from './signInNews.ts';
import { takeTurn } from './turn.ts';
import { unlessAborted } from '../common/unlessAborted.ts';

const newsSchema = z.object({
  at: z.number(),
  progress: z.optional(newsFields.message),
  url: newsFields.url,
  event: newsFields.event,
  failure: z.optional(z.object({ code: z.string(), message: z.string(), about: z.optional(z.string()) })),
});
type News = z.infer<typeof newsSchema>;
/** Failures that say something of the one API that was asked for, where another one may do. */
const ofOneApi: ReadonlySet<ErrorCode> = new Set(['invalid_settings', 'invalid_response']);
/** Largest file (bytes) that is read as news. */
const maximumNews = 65_536;

/** Work that another process has taken up, and goes on with when this one ends. */
export interface Begun<T> {
  /** Settles when the other process is at it, or has ended. */
  readonly atWork: Promise<unknown>;
  /** Undefined where that process ended without a result. @throws OmnispindleError of the work */
  readonly result: Promise<T | undefined>;
}

/** Work that several processes want done once. */
export interface SharedWork<T> {
  /** A directory of the user's own; with `name` it says which work is the same work. */
  readonly directory: string;
  readonly name: string;
  readonly log: Log;
  /** The API that it is for, where that is not the tenant's default one: who wants another does not get its failure. */
  readonly audience?: string | undefined;
  readonly signal: AbortSignal;
  /** Since when it is wanted (ms since the epoch), where that is before now: a failure since then counts. */
  readonly since?: number;
  /** How long (ms) after the end of a process that was killed another one may do the work; the lock's where absent. */
  readonly staleAfter?: number;
  /** Hears what this process does, and what another one does where that has no listener of its own. */
  readonly onProgress: OnProgress;
  readonly onProgressElsewhere?: OnProgress;
  /** The result, where somebody has already brought it about. */
  ready(): Promise<T | undefined>;
  /**
   * Brings the result about; its progress reaches every waiting process. `waited` says whether this process waited
   * for another one first, which brought no result.
   */
  work(onProgress: OnProgress, circumstances: { readonly waited: boolean }): Promise<T>;
  /**
   * Has another process do the work, which takes part by the same directory and name. It is called while nobody
   * can work. Undefined where there can be no such process: then this one works.
   */
  begin?: (() => Promise<Begun<T> | undefined>) | undefined;
}

/**
 * Makes sure that of all processes and windows that want the same result only one does the work. The
 * others wait, hear its progress, and get its result or, where it fails, its error: none repeats it.
 * @throws OmnispindleError of the work, or what `signal` was aborted with.
 */
export async function shareWork<T>(shared: SharedWork<T>): Promise<T> {
  const { directory, name, log, signal, onProgress, onProgressElsewhere = onProgress } = shared;
  const path = join(directory, `${name}.json`);
  const startedAt = shared.since ?? Date.now();
  let told: string | undefined;
  let waited = false;

  // One process that did not get it done is enough: it may end the next time, too.
  let begin = shared.begin;
  for (;;) {
    signal.throwIfAborted();
    const result = await shared.ready();
    if (result !== undefined) return result;

    const turn = await takeTurn({
      directory,
      name,
      log,
      handsOver: begin !== undefined,
      staleAfter: shared.staleAfter,
    });
    let news: News | undefined;
    let begun: Begun<T> | undefined;
    try {
      news = await readNews(path, log);
      // Whoever worked while this caller waited may have failed, and given the lock back, just now. A time
      // that is yet to come was written before the clock was set back.
      if (news?.failure && isOurs(news.failure) && news.at >= startedAt && news.at <= Date.now()) {
        throw errorTold(news.failure);
      }
      if (turn) {
        const done = await shared.ready();
        if (done !== undefined) return done;
        begun = await begin?.();
        if (!begun) return await work();
        // It may fail before it is waited for.
        begun.result.catch(() => undefined);
        await turn.handOver();
        await begun.atWork;
      }
    } finally {
      await turn?.end();
    }
    if (begun) {
      begin = undefined;
      const brought = await unlessAborted(begun.result, signal);
      if (brought !== undefined) return brought;
    }
    if (news?.progress && news.progress !== told) {
      told = news.progress;
      onProgressElsewhere(eventIn({ ...news, message: news.progress }));
    }
    if (!waited) log.debug(`Another process is at it: ${name}.`);
    waited = true;
    await delay(lookEvery * (0.5 + Math.random()), undefined, { signal });
  }

  function isOurs({ about }: NonNullable<News['failure']>): boolean {
    return about === undefined || about === shared.audience;
  }

  async function work(): Promise<T> {
    let telling = rm(path, { force: true }).catch(() => undefined);
    const tell = (news: News) => (telling = telling.then(() => writeNews(path, news, log)));
    try {
      const say: OnProgress = event => {
        onProgress(event);
        const { message: progress, ...news } = newsOf(event);
        void tell({ at: Date.now(), progress, ...news });
      };
      const done = await shared.work(say, { waited });
      await telling.then(() => rm(path, { force: true }));
      return done;
    } catch (error) {
      if (isOmnispindleError(error)) {
        const { code, message } = error;
        const about = ofOneApi.has(code) ? shared.audience : undefined;
        await tell({ at: Date.now(), failure: { code, message, ...(about !== undefined && { about }) } });
      }
      throw error;
    }
  }
}

async function writeNews(path: string, news: News, log: Log): Promise<void> {
  await writePrivateFile(path, JSON.stringify(news)).catch((error: unknown) => {
    log.warn(`Waiting processes could not be told: ${String(error)}`);
  });
}

async function readNews(path: string, log: Log): Promise<News | undefined> {
  try {
    return newsSchema.safeParse(JSON.parse(await readPrivateFile(path, maximumNews, log))).data;
  } catch (error) {
    if (isOmnispindleError(error)) throw error;
    return undefined;
  }
}
