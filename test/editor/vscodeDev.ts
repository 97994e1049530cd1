import type { BrowserContext, Frame } from 'playwright-core';

/** The host of the page on the internet; a test's browser does not find it. */
export const redirectorHost = 'vscode.dev';

/** VS Code's client ID metadata document, as the product.json of Microsoft's builds names it. */
export const documentAddress = `https://${redirectorHost}/oauth/client-metadata.json`;

/** Where a sign-in to an MCP server comes back to: on the desktop, and by the page that leads to an editor elsewhere. */
export const editorCallbacks: readonly string[] = [
  'http://127.0.0.1:33418/',
  `https://${redirectorHost}/redirect`,
];

/**
 * Stands in for the page that leads a browser from a tenant back to an editor whose own address no tenant knows: VS
 * Code's sign-in to MCP servers puts that address into `state`.
 */
export function standInForRedirector(browser: BrowserContext): void {
  browser.on('requestfailed', request => {
    const { host, pathname, searchParams: answer } = new URL(request.url());
    if (host !== redirectorHost || pathname !== '/redirect') return;
    void lead(request.frame(), editorOf(answer));
  });
}

/** Where the answer is to go: VS Code writes the query of its address as one part of an address. */
function editorOf(answer: URLSearchParams): string {
  const [place = '', query = ''] = (answer.get('state') ?? '').split('?');
  const editor = new URL(place);
  editor.search = decodeURIComponent(query);
  // The editor looks for a code that is not the first of what it is told.
  const told = new URLSearchParams(editor.searchParams.get('vscode-query') ?? '');
  for (const [name, value] of answer) told.set(name, value);
  editor.searchParams.set('vscode-query', told.toString());
  return editor.href;
}

async function lead(frame: Frame, address: string): Promise<void> {
  // Else the page that tells of the failure takes the place of the one that is led to.
  await frame.waitForURL(/^chrome-error:/);
  await frame.goto(address);
}
