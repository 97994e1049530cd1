import type { RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { Log } from '../../../../common/log.ts';
import { isRpcError, type RpcError } from '../../../../mcp/answer.ts';
import { isId, type Message } from '../../../../mcp/message.ts';
import { json, objectIn } from '../messageParts.ts';
import { listChanges, metaKeys, rpcCodes } from '../../../../mcp/names.ts';
import { createId, type Peer } from '../peer.ts';

/** How long (ms) a server may take to acknowledge. */
const acknowledgementLimit = 30_000;
/** How long (ms) after a stream that broke the next one is opened, at first and at most. */
const [firstPause, longestPause] = [500, 60_000];
/** How many streams in a row that end without an acknowledgement are enough. */
const mostFailures = 8;
/** How many resources one client may watch. */
const mostResources = 1_000;

/** Who waits for a resource to be watched: told what hinders it, or nothing. */
type Watcher = (error: RpcError | undefined) => void;

interface Stream {
  readonly id: RequestId;
  readonly watchers: readonly (readonly [uri: string, Watcher])[];
  readonly timer: NodeJS.Timeout;
}

/** The server whose changes are listened to. */
export interface ListeningOptions {
  /** Requests of ours to the server. */
  readonly server: Peer;
  /** What the server has declared. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** What stands in the `_meta` of each request. */
  meta(): object;
  readonly log: Log;
}

/**
 * Hears of changes by one `subscriptions/listen` (MCP specification 2026-07-28, "Subscriptions"): replaced when what is
 * watched changes, without a gap, and opened again when it breaks.
 */
export function createListening({ server, capabilities, meta, log }: ListeningOptions) {
  const lists = Object.entries(listChanges).filter(
    ([name]) => objectIn(capabilities, name)['listChanged'] === true,
  );
  const resources = new Set<string>();
  let waiting: (readonly [uri: string, Watcher])[] = [];
  let standing: RequestId | undefined;
  let opening: Stream | undefined;
  let isStale = false;
  let isBegun = false;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;

  function refresh(): void {
    clearTimeout(retry);
    isStale = true;
    if (isBegun && !opening) open();
  }

  function open(): void {
    isStale = false;
    if (lists.length === 0 && resources.size === 0) {
      replace(undefined);
      return;
    }
    const watchers = waiting;
    waiting = [];
    const notifications = {
      ...Object.fromEntries(lists.map(([, { filter }]) => [filter, true])),
      ...(resources.size > 0 && { resourceSubscriptions: [...resources] }),
    };
    const id = createId();
    const timer = setTimeout(() => {
      server.cancel(id);
      ended(id, undefined);
    }, acknowledgementLimit).unref();
    opening = { id, watchers, timer };
    const onAnswer = (answer: Message) => {
      ended(id, objectIn(answer.content)['error']);
    };
    server.ask('subscriptions/listen', json({ _meta: meta(), notifications }), onAnswer, {
      id,
      unattended: true,
    });
  }

  function replace(id: RequestId | undefined): void {
    if (standing !== undefined) server.cancel(standing);
    standing = id;
  }

  function acknowledged(message: Message): void {
    if (!opening) return;
    const { id, watchers, timer } = opening;
    clearTimeout(timer);
    opening = undefined;
    failures = 0;
    replace(id);
    const honoured: unknown = objectIn(message.content, 'params', 'notifications')['resourceSubscriptions'];
    for (const [uri, watcher] of watchers) {
      const isWatched = Array.isArray(honoured) && honoured.includes(uri);
      if (!isWatched) resources.delete(uri);
      watcher(isWatched ? undefined : unwatchable(uri));
    }
    if (isStale) open();
  }

  /** A stream is over, whoever has ended it. */
  function ended(id: RequestId, error: unknown): void {
    if (id === standing) standing = undefined;
    else if (id !== opening?.id) return;
    else failed(opening, error);
    if (opening) return;
    if (isStale) open();
    else again(error);
  }

  function failed({ watchers, timer }: Stream, error: unknown): void {
    clearTimeout(timer);
    opening = undefined;
    failures++;
    for (const [uri, watcher] of watchers) {
      resources.delete(uri);
      watcher(isRpcError(error) ? error : unwatchable(uri));
    }
  }

  function again(error: unknown): void {
    if (standing !== undefined || failures > mostFailures) return;
    if (error !== undefined) {
      // What carries messages has tried again for long, or the server knows no such thing.
      log.warn(`The server's stream of changes: ${String(objectIn(error)['message'])}`);
      return;
    }
    log.debug('The server has ended its stream of changes; another one is opened.');
    const wait = Math.min(firstPause * 2 ** failures, longestPause);
    retry = setTimeout(refresh, wait).unref();
  }

  return {
    /** The client is ready to hear of changes. */
    begin(): void {
      if (isBegun) return;
      isBegun = true;
      refresh();
    },
    /** Watches a resource. @param watcher told when it is watched, or why it is not */
    watch(uri: string, watcher: Watcher): void {
      if (!resources.has(uri) && resources.size >= mostResources) {
        watcher({
          code: rpcCodes.invalidParams,
          message: l10n.t('No more than {0} resources can be watched.', mostResources),
        });
        return;
      }
      resources.add(uri);
      waiting.push([uri, watcher]);
      failures = 0;
      isBegun = true;
      refresh();
    },
    unwatch(uri: string): void {
      if (resources.delete(uri)) refresh();
    },
    /** Takes what is about the stream itself. @returns whether the client is not to hear it */
    take(message: Message): boolean {
      const { method, params } = message.content as { readonly method?: unknown; readonly params?: unknown };
      const about = objectIn(params, '_meta')[metaKeys.subscriptionId];
      if (method === 'notifications/subscriptions/acknowledged') {
        if (about === opening?.id) acknowledged(message);
        return true;
      }
      if (method === 'notifications/cancelled') {
        const { requestId } = objectIn(params);
        if (isId(requestId)) ended(requestId, undefined);
        return true;
      }
      // What a stream says that has been replaced, its successor says as well.
      return isId(about) && about !== standing;
    },
  };
}

/** What {@link createListening} builds. */
export type Listening = ReturnType<typeof createListening>;

function unwatchable(uri: string): RpcError {
  return {
    code: rpcCodes.implementation,
    message: l10n.t('The server does not tell of changes of {0}.', uri),
  };
}
