import * as vscode from 'vscode';
import { eventually } from '../../eventually.ts';
import { registerSilentModel } from './chat.ts';
import { suiteContext } from './context.ts';

/**
 * Registers `@demo`, a participant of the editor's chat that does by a script what an agent would: it calls the tool for a todo,
 * by the editor's own confirmation, and says that it did.
 */
export function startDemoAgent(): void {
  registerSilentModel();
  const participant = vscode.chat.createChatParticipant(
    'omnispindle-suite.demo',
    async (request, _context, stream, cancelled) => {
      const tool = await eventually('the tool', () =>
        vscode.lm.tools.find(({ name }) => name.endsWith('_add_todo')),
      );
      const [, description = request.prompt] = /todo: (.+)$/.exec(request.prompt) ?? [];
      const input = { description, project: 'home' };
      await vscode.lm.invokeTool(
        tool.name,
        { input, toolInvocationToken: request.toolInvocationToken },
        cancelled,
      );
      const account = (await vscode.authentication.getAccounts('omnispindle'))[0]?.label ?? '';
      stream.markdown(`Done: **${description}** is on your list for _home_, as ${account}.`);
    },
  );
  suiteContext().subscriptions.push(participant);
}
