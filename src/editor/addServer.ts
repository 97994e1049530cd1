import * as vscode from 'vscode';
import { OmnispindleError } from '../common/errors.ts';
import { keepSecrets } from './keepSecrets.ts';
import { runSteps } from './multiStep.ts';
import type { SecretStore } from './secretStore.ts';
import type { ServerAnswers } from './serverAnswers.ts';
import { canStart, startServer } from './startServer.ts';
import type { ServerDefinitions } from './serverDefinitions.ts';
import { emptyDraft, finish, type FinishedServer } from './serverDraft.ts';
import { serverEntries, writeServerEntries } from './serverSetting.ts';
import { serverSteps } from './serverSteps.ts';

/** The parts that adding a server needs. */
export interface AddServerOptions {
  readonly answers: ServerAnswers;
  readonly secrets: SecretStore;
  readonly definitions: Pick<ServerDefinitions, 'takesServers'>;
}

/**
 * Asks for a local or remote server, checks it, and puts it into the setting `omnispindle.servers`.
 * @throws OmnispindleError `unsupported_runtime` in an editor that would not start it
 */
export async function addServer({ answers, secrets, definitions }: AddServerOptions): Promise<void> {
  if (!definitions.takesServers) throw notTaken();
  const draft = emptyDraft();
  const taken = Object.keys(serverEntries());
  if (!(await runSteps(serverSteps({ draft, answers, taken })))) return;
  const finished = finish(draft, await secrets.names());
  if (!finished) return;
  const { name } = finished;
  await keep(finished, { answers, secrets });
  const start = vscode.l10n.t('Start');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('The MCP server {0} was added. It runs as you, with a token that never goes stale.', name),
    ...((await canStart()) ? [start] : []),
  );
  if (answer === start) {
    await startServer(name);
  }
}

async function keep(
  { name, server, secrets, allowed }: FinishedServer,
  stores: Pick<AddServerOptions, 'answers' | 'secrets'>,
): Promise<void> {
  if (allowed) await stores.answers.allowDefault(allowed);
  // As the others are by now: another window may have added one.
  await keepSecrets(stores.secrets, secrets, () =>
    writeServerEntries({ ...serverEntries(), [name]: server }),
  );
}

function notTaken(): OmnispindleError {
  return new OmnispindleError(
    'unsupported_runtime',
    vscode.l10n.t(
      '{0} takes no MCP servers from extensions, so a server that is added here would never start. Add it to the configuration of {0}, with the command "omnispindle connect ADDRESS" or "omnispindle run".',
      vscode.env.appName,
    ),
  );
}
