import * as vscode from 'vscode';
import { lookForServer } from '../bridge/remote/lookForServer.ts';
import { serverUrlProblem } from '../bridge/remote/serverUrl.ts';
import { parseTokenVariable } from '../bridge/local/localCommand.ts';
import { nameProblem, reason, type LocalServer, type RemoteServer } from './configuredServers.ts';
import type { Step } from './multiStep.ts';
import { secretSteps } from './secretSteps.ts';
import type { ServerDraft } from './serverDraft.ts';
import type { ServerAnswers } from './serverAnswers.ts';
import { serverEnding, unlessEdited } from './serverEnding.ts';

/** What the questions for a new server stand on. */
export interface ServerStepOptions {
  readonly draft: ServerDraft;
  readonly answers: ServerAnswers;
  /** The names of the servers that there are. */
  readonly taken: readonly string[];
}

/** How many steps there are for each kind, where no secret is given. */
const steps = { remote: 4, local: 5 } as const;

/** The questions for a new server: which kind, where or by what command, its name, and its secrets. */
export function serverSteps({ draft, answers, taken }: ServerStepOptions): Step {
  const total = () => steps[draft.kind];
  const remote = {
    label: vscode.l10n.t('Remote server'),
    description: vscode.l10n.t('by its address'),
    of: 'remote' as const,
  };
  const local = {
    label: vscode.l10n.t('Local server'),
    description: vscode.l10n.t('by its command'),
    of: 'local' as const,
  };

  const kind: Step = async input => {
    const picked = await input.pick({
      title: vscode.l10n.t('Which kind of MCP server should get your token?'),
      totalSteps: total(),
      items: [remote, local],
      active: draft.kind === 'local' ? local : remote,
    });
    if ('left' in picked) return picked.left;
    // A header is no variable.
    if (picked.item.of !== draft.kind) draft.fields = [];
    draft.kind = picked.item.of;
    return draft.kind === 'remote' ? address : command;
  };

  const address: Step = async input => {
    const answer = await input.text({
      title: vscode.l10n.t('Address of the MCP server'),
      totalSteps: total(),
      prompt: vscode.l10n.t('Your token goes to this address, and nowhere else.'),
      placeholder: 'https://example.com/mcp',
      value: draft.url,
      problem: (value, isTyping) =>
        isTyping && isBeginningOfAddress(value) ? undefined : serverUrlProblem(value),
      keep(value) {
        draft.url = value;
      },
      checking: url => vscode.l10n.t('Looking for an MCP server at {0}…', url.trim()),
      check: (url, signal) => lookForServer(url.trim(), signal),
    });
    if ('left' in answer) return answer.left;
    return answer.found === undefined ? name : unlessEdited(answer.found, { edit: address, onward: name });
  };

  const command: Step = async input => {
    const answer = await input.text({
      title: vscode.l10n.t('Command of the MCP server, with its arguments'),
      totalSteps: total(),
      placeholder: 'npx -y some-mcp-server --option "a value"',
      value: draft.line,
      problem: (value, isTyping) =>
        value.trim() === '' && !isTyping ? vscode.l10n.t('Give a command.') : undefined,
      keep(value) {
        draft.line = value;
      },
      async check(line) {
        const { default: which } = await import('which');
        const [program = ''] = await wordsOf(line);
        if ((await which(program, { nothrow: true })) !== null) return undefined;
        return vscode.l10n.t('The command {0} was not found on this machine.', program);
      },
    });
    if ('left' in answer) return answer.left;
    if (answer.found === undefined) return variable;
    const editButton = vscode.l10n.t('Edit Command');
    return unlessEdited(answer.found, { edit: command, onward: variable, editButton });
  };

  const variable: Step = async input => {
    const answer = await input.text({
      title: vscode.l10n.t('Environment variable in which the server expects its token'),
      totalSteps: total(),
      placeholder: 'API_TOKEN',
      value: draft.tokenVariable,
      problem: (value, isTyping) =>
        isTyping && value === '' ? undefined : reason(parseTokenVariable, value.trim()),
      keep(value) {
        draft.tokenVariable = value.trim();
      },
    });
    return 'left' in answer ? answer.left : name;
  };

  const name: Step = async input => {
    const suggestion = freeName(await suggestedName(draft), taken);
    const answer = await input.text({
      title: vscode.l10n.t('Name of the server'),
      totalSteps: total(),
      value: draft.name ?? suggestion,
      problem: value =>
        taken.includes(value.trim())
          ? vscode.l10n.t('There is a server {0} already. Choose another name.', value.trim())
          : nameProblem(value),
      keep(value) {
        draft.name = value.trim() === suggestion ? undefined : value.trim();
      },
    });
    if ('left' in answer) return answer.left;
    draft.named = { name: answer.value.trim(), core: await coreOf(draft) };
    const ending = serverEnding({ draft, ...draft.named, answers, edit: address });
    return secretSteps({ draft, ...draft.named, stepsBefore: total() - 1, ending });
  };

  return kind;
}

/** The server of a draft, without its secrets. */
async function coreOf(draft: ServerDraft): Promise<RemoteServer | LocalServer> {
  if (draft.kind === 'remote') return { url: draft.url.trim() };
  const [command = '', ...args] = await wordsOf(draft.line);
  return { command, ...(args.length > 0 && { args }), tokenVariable: draft.tokenVariable };
}

async function suggestedName(draft: ServerDraft): Promise<string> {
  const core = await coreOf(draft);
  return 'url' in core ? new URL(core.url).hostname : core.command.replace(/^.*[\\/]/, '');
}

/** The name, with a number where it is taken. */
function freeName(name: string, taken: readonly string[]): string {
  for (let count = 1; ; count++) {
    const free = count === 1 ? name : `${name} ${String(count)}`;
    if (!taken.includes(free)) return free;
  }
}

async function wordsOf(line: string): Promise<string[]> {
  const { parseArgsStringToArgv } = await import('string-argv');
  return parseArgsStringToArgv(line);
}

/** Nobody is told what is missing while they type just that. */
function isBeginningOfAddress(value: string): boolean {
  return ['https://', 'http://'].some(scheme => scheme.startsWith(value.trim().toLowerCase()));
}
