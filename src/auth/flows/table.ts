import { deviceCodeFlow } from './deviceCode.ts';
import type { Flow, Surroundings } from './flow.ts';
import { loopbackFlow, type LoopbackOptions } from './loopback.ts';
import { flowNames, type FlowName } from './names.ts';

/** What a host gives its flows. */
export interface FlowHost extends LoopbackOptions {
  /** The flow by an address of the editor's own, which only an editor can run. */
  readonly uriHandler?: Flow;
}

interface FlowRow extends Readonly<Record<Surroundings['host'], boolean>> {
  /** Whether the person's browser must reach a port on this machine. */
  readonly needsLoopback: boolean;
  /** Undefined where the host does not have what it needs. */
  create(host: FlowHost): Flow | undefined;
}

/** Where each flow works, and how it is made. */
const flowTable: Readonly<Record<FlowName, FlowRow>> = {
  uriHandler: {
    // The system hands an address of the editor's scheme to the editor, wherever its extensions run.
    desktop: true,
    remote: true,
    // Such an editor's address changes with every sign-in: no tenant can have it registered.
    browser: false,
    // The system hands no address to a terminal.
    terminal: false,
    needsLoopback: false,
    create: ({ uriHandler }) => uriHandler,
  },
  loopback: {
    desktop: true,
    // The port is on another machine than the browser, and a forwarded one has an address that is not registered.
    remote: false,
    browser: false,
    terminal: true,
    needsLoopback: true,
    create: loopbackFlow,
  },
  deviceCode: {
    // The code can be entered in any browser.
    desktop: true,
    remote: true,
    browser: true,
    terminal: true,
    needsLoopback: false,
    create: () => deviceCodeFlow,
  },
};

/** The flows that work there, in the order in which they are tried. */
export function flowsFor({ host, browserReachesLoopback }: Surroundings): FlowName[] {
  return flowNames.filter(name => {
    const row = flowTable[name];
    return row[host] && (browserReachesLoopback || !row.needsLoopback);
  });
}

/** The flows that work there and come after that one. */
export function flowsAfter(name: FlowName, surroundings: Surroundings): FlowName[] {
  return flowsFor(surroundings).filter(other => flowNames.indexOf(other) > flowNames.indexOf(name));
}

/** The flows that a host can run, wherever it is: one that does not work there may still be asked for by name. */
export function createFlows(host: FlowHost): Flow[] {
  return flowNames.flatMap(name => flowTable[name].create(host) ?? []);
}
