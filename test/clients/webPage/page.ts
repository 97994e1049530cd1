import { sdkConnections } from '../sdkConnections.ts';
import { providerOf, type Keeper } from '../sdkProvider.ts';
import { registeredId } from '../teamClient.ts';

// An application that is nothing but a page: the browser itself asks the tenant and the server, from another origin. It is
// opened with the server's address and an SDK in its query, and shows what `whoami` answers.

interface Page {
  readonly location: { readonly href: string; readonly origin: string; assign(url: string): void };
  readonly sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
  readonly document: { readonly body: { textContent: string } };
}
interface Kept extends Keeper {
  readonly server: string;
  readonly sdk: string;
}

const { location, sessionStorage, document } = globalThis as unknown as Page;
const here = new URL(location.href);
const cameBack = here.pathname === '/callback';
const kept = (
  cameBack ? JSON.parse(sessionStorage.getItem('kept') ?? '{}') : Object.fromEntries(here.searchParams)
) as Kept;
let leaves = false;
const provider = providerOf(kept, {
  callback: `${location.origin}/callback`,
  clientId: registeredId,
  openBrowser(url) {
    leaves = true;
    sessionStorage.setItem('kept', JSON.stringify(kept));
    location.assign(url.href);
  },
});
const connect = () => {
  const open = sdkConnections[kept.sdk];
  if (!open) throw new Error(`There is no ${kept.sdk}.`);
  return open(new URL(kept.server), provider);
};

try {
  if (cameBack) await connect().finish(here);
  const { client, connect: start } = connect();
  await start();
  document.body.textContent = JSON.stringify(await client.callTool({ name: 'whoami', arguments: {} }));
} catch (error) {
  if (!leaves) document.body.textContent = `It does not work: ${String(error)}`;
}
