import { createBrokerHost, type BrokerHost, type BrokerHostOptions } from '../broker/host.ts';
import { createWindowNetwork } from './network.ts';
import { createServerTokens, type ServerTokensOptions } from './serverTokens.ts';
import type { WalkthroughSteps } from './walkthroughSteps.ts';

/** What an editor's broker needs. */
export interface BrokerOptions
  extends
    ServerTokensOptions,
    Pick<BrokerHostOptions, 'join' | 'log' | 'onConnection' | 'onReport'>,
    Pick<WalkthroughSteps, 'watchCalls'> {}

/** Builds the broker of this window, with what it gives servers. */
export function buildBroker({
  join,
  log,
  onConnection,
  onReport,
  watchCalls,
  ...options
}: BrokerOptions): BrokerHost {
  return createBrokerHost({
    getToken: watchCalls(createServerTokens(options)),
    network: createWindowNetwork(),
    ...(join && { join }),
    ...(onConnection && { onConnection }),
    ...(onReport && { onReport }),
    log,
  });
}
