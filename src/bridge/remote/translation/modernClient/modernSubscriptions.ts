import type { JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { isObject } from '../../../../common/isObject.ts';
import type { Message } from '../../../../mcp/message.ts';
import { errorAnswer, json, jsonId, jsonObject, messageOf, objectIn, withMembers } from '../messageParts.ts';
import { listChanges, metaKeys, rpcCodes } from '../../../../mcp/names.ts';
import type { Peer } from '../peer.ts';

/** How many subscriptions one client may have open, and how many resources all of them may watch. */
const [mostSubscriptions, mostResources] = [64, 1_000];

interface Subscription {
  readonly id: RequestId;
  /** What says that one of the lists has changed. */
  readonly methods: ReadonlySet<string>;
  readonly resources: Set<string>;
  isAcknowledged: boolean;
}

/** A resource that the server tells changes of. */
interface Watched {
  readonly by: Set<Subscription>;
  /** Whether the server has agreed. */
  readonly agreed: Promise<boolean>;
}

/** The two ends that a subscription goes between. */
export interface ModernSubscriptionsOptions {
  /** Requests of ours to the server. */
  readonly server: Peer;
  toClient(message: Message): void;
}

/**
 * The `subscriptions/listen` of a modern client (MCP specification 2026-07-28, "Subscriptions") at a server that sends
 * every change of a list to whoever has a session, and wants `resources/subscribe` for the others.
 */
export function createModernSubscriptions({ server, toClient }: ModernSubscriptionsOptions) {
  const open = new Map<RequestId, Subscription>();
  const watched = new Map<string, Watched>();

  /** Watches a resource for that subscription. @returns whether the server tells of it */
  function watch(uri: string, subscription: Subscription): Promise<boolean> {
    const known = watched.get(uri);
    if (known) {
      known.by.add(subscription);
      return known.agreed;
    }
    if (watched.size >= mostResources) return Promise.resolve(false);
    const { promise: agreed, resolve } = Promise.withResolvers<boolean>();
    watched.set(uri, { by: new Set([subscription]), agreed });
    server.ask('resources/subscribe', json({ uri }), answer => {
      const isAgreed = 'result' in answer.content;
      if (!isAgreed) watched.delete(uri);
      resolve(isAgreed);
    });
    return agreed;
  }

  function release(uri: string, subscription: Subscription): void {
    const known = watched.get(uri);
    known?.by.delete(subscription);
    if (known?.by.size !== 0) return;
    watched.delete(uri);
    server.ask('resources/unsubscribe', json({ uri }), () => undefined);
  }

  async function acknowledge(
    subscription: Subscription,
    wanted: readonly string[],
    lists: object,
  ): Promise<void> {
    const { id, resources } = subscription;
    const agreed = await Promise.all(wanted.map(uri => watch(uri, subscription)));
    const uris = wanted.filter((_, at) => agreed[at]);
    if (!open.has(id)) {
      for (const uri of uris) release(uri, subscription);
      return;
    }
    for (const uri of uris) resources.add(uri);
    subscription.isAcknowledged = true;
    const params = jsonObject({
      _meta: jsonObject({ [metaKeys.subscriptionId]: jsonId(id) }),
      notifications: json({ ...lists, ...(wanted.length > 0 && { resourceSubscriptions: uris }) }),
    });
    toClient(messageOf({ method: json('notifications/subscriptions/acknowledged'), params }));
  }

  return {
    /** Opens one. @param capabilities what the server has declared */
    async open({ id, params }: JSONRPCRequest, capabilities: object): Promise<void> {
      const { notifications } = objectIn(params);
      if (!isObject(notifications) || open.size >= mostSubscriptions) {
        const message = isObject(notifications)
          ? l10n.t('No more than {0} subscriptions can be open at once.', mostSubscriptions)
          : l10n.t('What to listen to (notifications) is missing.');
        toClient(errorAnswer(id, { code: rpcCodes.invalidParams, message }));
        return;
      }
      const lists = Object.entries(listChanges).filter(
        ([name, { filter }]) =>
          notifications[filter] === true && objectIn(capabilities, name)['listChanged'] === true,
      );
      const subscription: Subscription = {
        id,
        methods: new Set(lists.map(([, { method }]) => method)),
        resources: new Set(),
        isAcknowledged: false,
      };
      open.set(id, subscription);
      const { resourceSubscriptions: uris } = notifications;
      const canWatch = objectIn(capabilities, 'resources')['subscribe'] === true && Array.isArray(uris);
      const wanted = canWatch ? new Set(uris.filter(uri => typeof uri === 'string')) : [];
      await acknowledge(
        subscription,
        [...wanted],
        Object.fromEntries(lists.map(([, { filter }]) => [filter, true])),
      );
    },
    /** Ends one. @returns whether it was open */
    cancel(id: RequestId): boolean {
      const subscription = open.get(id);
      if (!subscription) return false;
      open.delete(id);
      for (const uri of subscription.resources) release(uri, subscription);
      return true;
    },
    /** Passes a change on to whoever listens to it. @returns whether the message is about one */
    pass(message: Message): boolean {
      const { method, params } = message.content as { readonly method?: unknown; readonly params?: unknown };
      const isUpdate = method === 'notifications/resources/updated';
      if (typeof method !== 'string' || !(isUpdate || isListChange(method))) return false;
      const { uri } = objectIn(params);
      for (const { id, methods, resources, isAcknowledged } of open.values()) {
        // It may be part of what is watched (MCP specification 2025-11-25, "Subscriptions").
        const isWatched =
          isUpdate && typeof uri === 'string' && [...resources].some(each => uri.startsWith(each));
        if (isAcknowledged && (isWatched || methods.has(method))) {
          toClient(withMembers(message, ['params', '_meta'], { [metaKeys.subscriptionId]: jsonId(id) }));
        }
      }
      return true;
    },
  };
}

function isListChange(method: string): boolean {
  return Object.values(listChanges).some(list => list.method === method);
}
