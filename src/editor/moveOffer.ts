import * as vscode from 'vscode';
import { messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { notice } from './notice.ts';
import { affectsOwnServer, teamAddress } from './settings.ts';
import { whenFocused } from './whenFocused.ts';

/** The addresses for which the person was asked. */
const key = 'moveOffered';
/** How many are remembered. */
const mostOffers = 32;

/**
 * Offers, where the person changes from the bundled server to a team's and has todos or lessons on this machine, to move
 * them: once for each address, in one window.
 * @param state what all windows share
 */
export function watchForMove(state: vscode.Memento, log: Log): vscode.Disposable {
  let before = teamAddress();
  let waiting: vscode.Disposable | undefined;

  async function offer(address: string): Promise<void> {
    const offered = state.get<readonly string[]>(key, []);
    if (teamAddress() !== address || offered.includes(address) || !(await hasRows())) return;
    await state.update(key, [address, ...offered].slice(0, mostOffers));
    const move = vscode.l10n.t('Move Todos');
    const answer = await vscode.window.showInformationMessage(
      notice(
        vscode.l10n.t(
          'The tools of Omnispindle now use your team’s server, {0}. Do you want to take the todos and lessons along that are on this machine?',
          hostOf(address),
        ),
      ),
      move,
    );
    if (answer === move) await vscode.commands.executeCommand('omnispindle.moveTodos');
  }

  return vscode.Disposable.from(
    vscode.workspace.onDidChangeConfiguration(change => {
      if (!affectsOwnServer(change)) return;
      const [last, now] = [before, teamAddress()];
      before = now;
      waiting?.dispose();
      if (last !== undefined || now === undefined) return;
      waiting = whenFocused(() => {
        offer(now).catch((error: unknown) => {
          log.error(messageOf(error));
        });
      });
    }),
    {
      dispose: () => {
        waiting?.dispose();
      },
    },
  );
}

/** Whether there is something to move, whoever's it is: who is signed in shows when it is moved. */
async function hasRows(): Promise<boolean> {
  const [{ countRows }, { userDirectory }] = await Promise.all([
    import('../store/directoryStore.ts'),
    import('../platform/paths.ts'),
  ]);
  const { todos, lessons } = countRows(userDirectory()) ?? { todos: 0, lessons: 0 };
  return todos + lessons > 0;
}

function hostOf(address: string): string {
  return URL.parse(address)?.host ?? address;
}
