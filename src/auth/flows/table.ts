import type { FlowName, Surroundings } from './flow.ts';

interface FlowRow extends Readonly<Record<Surroundings['host'], boolean>> {
  readonly name: FlowName;
  /** Whether the person's browser must reach a port on this machine. */
  readonly needsLoopback: boolean;
}

/** Every flow, in the order in which they are tried, and where each works. */
const flowTable: readonly FlowRow[] = [
  {
    name: 'uriHandler',
    // The system hands an address of the editor's scheme to the editor, wherever its extensions run.
    desktop: true,
    remote: true,
    // Such an editor's address changes with every sign-in: no tenant can have it registered.
    browser: false,
    // The system hands no address to a terminal.
    terminal: false,
    needsLoopback: false,
  },
  {
    name: 'loopback',
    desktop: true,
    // The port is on another machine than the browser, and a forwarded one has an address that is not registered.
    remote: false,
    browser: false,
    terminal: true,
    needsLoopback: true,
  },
  {
    name: 'deviceCode',
    // The code can be entered in any browser.
    desktop: true,
    remote: true,
    browser: true,
    terminal: true,
    needsLoopback: false,
  },
];

/** The flows that work there, in the order in which they are tried. */
export function flowsFor({ host, browserReachesLoopback }: Surroundings): FlowName[] {
  return flowTable
    .filter(row => row[host] && (browserReachesLoopback || !row.needsLoopback))
    .map(({ name }) => name);
}
