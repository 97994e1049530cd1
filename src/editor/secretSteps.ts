import * as vscode from 'vscode';
import { parseTokenVariable } from '../bridge/local/localCommand.ts';
import { plainLine } from '../common/plainText.ts';
import { reason, type ConfiguredServer } from './configuredServers.ts';
import type { Left, Step } from './multiStep.ts';
import type { ServerDraft } from './serverDraft.ts';

/** How many secrets a new server may be given at once. */
const mostSecrets = 16;

/** What comes after the last question. */
export interface Ending {
  /** What the box says while `check` runs. */
  readonly checking: string;
  /** @returns what speaks against adding the server */
  check(signal: AbortSignal): Promise<string | undefined>;
  next(found: string | undefined): Promise<Step | Left | 'done'>;
}

/** What the questions for secrets stand on. */
export interface SecretStepOptions {
  readonly draft: ServerDraft;
  readonly name: string;
  /** The server without its secrets. */
  readonly core: ConfiguredServer;
  readonly stepsBefore: number;
  readonly ending: Ending;
}

/** Asks which headers, or variables, with a secret a server needs besides its token, and for their values. */
export function secretSteps({ draft, name, core, stepsBefore, ending }: SecretStepOptions): Step {
  const { fields } = draft;
  const isRemote = 'url' in core;
  const title = isRemote
    ? vscode.l10n.t('Header with a secret that {0} needs besides your token', plainLine(name))
    : vscode.l10n.t('Variable with a secret that {0} needs besides your token', plainLine(name));

  function problemOf(field: string, index: number): string | undefined {
    if (field === '') return undefined;
    if (index >= mostSecrets) return vscode.l10n.t('These are as many as can be given here. Leave it empty.');
    if (fields.slice(0, index).some(each => each.name === field)) {
      return vscode.l10n.t('That was given already.');
    }
    return isRemote ? headerProblem(field) : variableProblem(field, core.tokenVariable);
  }

  function field(index: number): Step {
    return async input => {
      const answer = await input.text({
        title,
        totalSteps: stepsBefore + 1 + 2 * index,
        prompt:
          index === 0
            ? vscode.l10n.t('Most servers need none: leave it empty.')
            : vscode.l10n.t('Leave it empty if that was all.'),
        placeholder: isRemote ? 'X-API-Key' : 'API_KEY',
        value: fields[index]?.name ?? '',
        problem: text => problemOf(text.trim(), index),
        keep(text) {
          fields[index] = { name: text.trim(), value: fields[index]?.value ?? '' };
        },
        checking: text => (text.trim() === '' ? ending.checking : ''),
        check: (text, signal) => (text.trim() === '' ? ending.check(signal) : Promise.resolve(undefined)),
      });
      if ('left' in answer) return answer.left;
      if (answer.value.trim() !== '') return value(index);
      fields.length = index;
      return ending.next(answer.found);
    };
  }

  function value(index: number): Step {
    return async input => {
      const { name: which = '', value: kept = '' } = fields[index] ?? {};
      const answer = await input.text({
        title: vscode.l10n.t('Value of {0}', which),
        totalSteps: stepsBefore + 3 + 2 * index,
        prompt: vscode.l10n.t('The editor keeps it in its secret storage; the setting only refers to it.'),
        password: true,
        value: kept,
        problem: (text, isTyping) =>
          text === '' && !isTyping ? vscode.l10n.t('Give the value.') : undefined,
        keep(text) {
          fields[index] = { name: which, value: text };
        },
      });
      return 'left' in answer ? answer.left : field(index + 1);
    };
  }

  return field(0);
}

function headerProblem(field: string): string | undefined {
  if (field.toLowerCase() === 'authorization') {
    return vscode.l10n.t('Your token is in that header.');
  }
  return /^[!#$%&'*+.^_`|~\w-]+$/.test(field)
    ? undefined
    : vscode.l10n.t('Give the name of a header alone, as in X-API-Key.');
}

function variableProblem(field: string, tokenVariable: string): string | undefined {
  if (field === tokenVariable) return vscode.l10n.t('Your token is in that variable.');
  return reason(parseTokenVariable, field);
}
