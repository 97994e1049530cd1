import type * as vscode from 'vscode';
import { enumerations, EventEmitter } from './basics.ts';
import type { Screen, Shown } from './shown.ts';
import { strict } from './strict.ts';

/** What lists and boxes have in common, as an extension sets it. */
interface Common {
  title: string;
  step: number | undefined;
  totalSteps: number | undefined;
  enabled: boolean;
  busy: boolean;
  ignoreFocusOut: boolean;
  placeholder: string;
  value: string;
  buttons: readonly vscode.QuickInputButton[];
}

/** What the person does with one. */
interface Acts {
  readonly kind: Shown['kind'];
  choices(): readonly string[];
  value(): string;
  complaint(): string;
  prompt(): string;
  type(text: string): void;
  answer(...answers: readonly string[]): Promise<void>;
}

/** Lists and boxes that the extension steers itself (VS Code API, `createQuickPick` and `createInputBox`). */
export function createQuickInputs(screen: Screen) {
  /** The editor shows one at a time: another one hides it. */
  let hideOpen: () => void = () => undefined;

  function create<Own extends object>(own: Own, acts: (input: Common & Own) => Acts) {
    const hidden = new EventEmitter<undefined>();
    const pressed = new EventEmitter<vscode.QuickInputButton>();
    let close: (() => void) | undefined;

    function hide(): void {
      if (!close) return;
      close();
      close = undefined;
      hideOpen = () => undefined;
      hidden.fire(undefined);
    }

    const input = {
      title: '',
      step: undefined as number | undefined,
      totalSteps: undefined as number | undefined,
      enabled: true,
      busy: false,
      ignoreFocusOut: false,
      placeholder: '',
      value: '',
      buttons: [] as readonly vscode.QuickInputButton[],
      ...own,
      onDidHide: hidden.event,
      onDidTriggerButton: pressed.event,
      hide,
      dispose: hide,
      show() {
        if (close) return;
        hideOpen();
        hideOpen = hide;
        ({ close } = screen.add(shown(), input.title));
      },
    };
    const { kind, choices, value, complaint, prompt, type, answer } = acts(input);

    function shown(): Omit<Shown, 'isOpen' | 'text'> {
      return {
        kind,
        detail: prompt(),
        modal: false,
        choices: choices(),
        answer,
        dismiss: hide,
        step: {
          get count() {
            return [input.step, input.totalSteps].filter(Boolean).join('/');
          },
          get value() {
            return value();
          },
          get complaint() {
            return complaint();
          },
          get prompt() {
            return prompt();
          },
          get isBusy() {
            return input.busy;
          },
          get canGoBack() {
            return input.buttons.length > 0;
          },
          type,
          back() {
            const { Back } = enumerations.QuickInputButtons;
            const button = input.buttons.find(each => (each as unknown) === Back);
            if (!button) throw new Error(`"${input.title}" has no button that goes back.`);
            pressed.fire(button);
          },
        },
      };
    }
    return strict(kind, input);
  }

  return {
    createInputBox() {
      const changed = new EventEmitter<string>();
      const accepted = new EventEmitter<undefined>();
      const own = {
        prompt: '',
        password: false,
        validationMessage: undefined as string | undefined,
        onDidChangeValue: changed.event,
        onDidAccept: accepted.event,
      };
      return create(own, input => {
        function type(text: string): void {
          if (!input.enabled) throw new Error(`"${input.title}" takes no text now.`);
          if (text === input.value) return;
          input.value = text;
          changed.fire(text);
        }
        return {
          kind: 'inputBox',
          choices: () => [],
          value: () => input.value,
          complaint: () => input.validationMessage ?? '',
          prompt: () => input.prompt,
          type,
          async answer(text = input.value) {
            type(text);
            accepted.fire(undefined);
            if (input.validationMessage !== undefined) throw new Error(input.validationMessage);
          },
        };
      });
    },

    createQuickPick() {
      const accepted = new EventEmitter<undefined>();
      const own = {
        items: [] as readonly vscode.QuickPickItem[],
        activeItems: [] as readonly vscode.QuickPickItem[],
        selectedItems: [] as readonly vscode.QuickPickItem[],
        canSelectMany: false,
        onDidAccept: accepted.event,
      };
      return create(own, input => ({
        kind: 'quickPick',
        choices: () => input.items.map(({ label }) => label),
        value: () => input.activeItems[0]?.label ?? '',
        complaint: () => '',
        prompt: () => input.placeholder,
        type() {
          throw new Error('Nobody types into a list here.');
        },
        async answer(...labels) {
          const chosen = input.items.filter(({ label }) => labels.includes(label));
          if (chosen.length < labels.length) throw new Error(`There is no entry ${labels.join(', ')}.`);
          input.selectedItems = chosen;
          accepted.fire(undefined);
        },
      }));
    },
  };
}
