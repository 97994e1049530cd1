import * as l10n from '@vscode/l10n';
import { shellWord } from '../../../common/shellWord.ts';

/** How one MCP client is told of a server: by a link, by what is pasted into it, or by commands for a terminal. */
export interface ClientSteps {
  readonly name: string;
  readonly link?: { readonly text: string; readonly href: string };
  readonly words?: string;
  readonly lines?: readonly string[];
}

/** What clients know this server by. */
const name = 'omnispindle';

/** How each client is told of the server at that address. */
export function clientSteps(url: string): readonly ClientSteps[] {
  const word = shellWord(url, 'linux');
  return [
    {
      name: 'Visual Studio Code',
      link: { text: l10n.t('Add to {0}', 'Visual Studio Code'), href: vscodeLink(url) },
    },
    { name: 'Cursor', link: { text: l10n.t('Add to {0}', 'Cursor'), href: cursorLink(url) } },
    {
      name: 'Claude Code',
      words: l10n.t('Run this in a terminal, then sign in with {0} in Claude Code.', '/mcp'),
      lines: [`claude mcp add --scope user --transport http ${name} ${word}`],
    },
    {
      name: 'Claude',
      words: l10n.t(
        'In the settings, under Connectors, add a custom connector with this address. Claude reaches it from the internet.',
      ),
      lines: [url],
    },
    {
      name: 'Codex',
      words: l10n.t('Run this in a terminal:'),
      lines: [`codex mcp add ${name} --url ${word}`, `codex mcp login ${name}`],
    },
    {
      name: l10n.t('Any other MCP client'),
      words: l10n.t(
        'Give it the address. Where it cannot sign in by itself, or knows no addresses, give it this command instead:',
      ),
      lines: [`npx -y omnispindle connect ${word}`],
    },
  ];
}

/** VS Code's link to add a server ("MCP developer guide", "Create an MCP installation URL"). */
function vscodeLink(url: string): string {
  return `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name, type: 'http', url }))}`;
}

/** Cursor's link to add a server (cursor.com/docs/mcp/install-links). */
function cursorLink(url: string): string {
  const config = Buffer.from(JSON.stringify({ url })).toString('base64');
  const query = new URLSearchParams({ name, config });
  return `cursor://anysphere.cursor-deeplink/mcp/install?${query.toString()}`;
}
