import * as vscode from 'vscode';
import { suiteContext } from './context.ts';
import { eventually } from '../../eventually.ts';

/** A participant of the editor's chat that answers whatever it hears. */
export interface ChatListener {
  /** What it has heard. */
  readonly heard: readonly string[];
  /** Says something to it as a person does, by the chat's own input, and waits until it has heard that. */
  say(text: string, patience?: number): Promise<void>;
}

/** A model that says nothing: the editor tells no participant what a person says while there is none. */
const model: vscode.LanguageModelChatProvider = {
  provideLanguageModelChatInformation: () => [
    {
      id: 'silence',
      name: 'Demo Model',
      family: 'silence',
      version: '1',
      maxInputTokens: 1_000,
      maxOutputTokens: 1_000,
      capabilities: { toolCalling: true },
    },
  ],
  provideLanguageModelChatResponse: () => Promise.resolve(),
  provideTokenCount: () => Promise.resolve(1),
};
const vendor = 'omnispindle-suite';

/** Registers that model, which the suite's package.json names. */
export function registerSilentModel(): void {
  suiteContext().subscriptions.push(vscode.lm.registerLanguageModelChatProvider(vendor, model));
}

/** Types something into the chat's own input. */
export async function typeInChat(text: string): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.chat.open', {
    query: text,
    isPartialQuery: true,
    modelSelector: { vendor },
  });
}

/** Says something in the chat as a person does. */
export async function sayInChat(text: string): Promise<void> {
  // With the whole of a message VS Code 1.105 waits for Copilot, whoever the message is for.
  await typeInChat(text);
  await vscode.commands.executeCommand('workbench.action.chat.submit');
}

/** Registers the participant, and the model, that the suite's package.json names. */
export function startChatListener(): ChatListener {
  const heard: string[] = [];
  const participant = vscode.chat.createChatParticipant(
    'omnispindle-suite.listener',
    (request, _context, stream) => {
      heard.push(request.prompt);
      stream.markdown('I have heard you.');
    },
  );
  registerSilentModel();
  suiteContext().subscriptions.push(participant);
  return {
    heard,
    async say(text, patience) {
      const before = heard.length;
      await sayInChat(`@listener ${text}`);
      await eventually(`hearing "${text}"`, () => heard.length > before, patience);
    },
  };
}
