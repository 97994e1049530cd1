import * as vscode from 'vscode';

/** How the person leaves a question without an answer. */
export type Left = 'back' | 'cancelled';

/**
 * A question of several: it asks, and tells which one comes next. One that was asked before is gone back to.
 * @param input asks, as the step of that number
 */
export type Step = (input: StepInput) => Promise<Step | Left | 'done'>;

/** What every question has. */
interface Question {
  readonly title: string;
  /** How many steps there are, as far as is known by now. */
  readonly totalSteps: number;
  readonly placeholder?: string;
}

/** Asks for a text. */
interface TextQuestion extends Question {
  readonly prompt?: string;
  /** What is typed already. */
  readonly value: string;
  /** Whether nobody may see what is typed. */
  readonly password?: boolean;
  /** What is wrong with the text, while it is typed (`isTyping`) and when it is given. */
  problem(value: string, isTyping: boolean): string | undefined;
  /** Is told what was typed, also where the person goes back. */
  keep(value: string): void;
  /** What the box says while `check` runs. */
  readonly checking?: (value: string) => string;
  /** Looks closer at a text that was given, for as long as the box is open and has that text. @returns what it found */
  check?(value: string, signal: AbortSignal): Promise<string | undefined>;
}

/** Asks which of several is meant. */
interface PickQuestion<Item> extends Question {
  readonly items: readonly Item[];
  /** The one that is chosen already. */
  readonly active?: Item | undefined;
}

/** Asks the questions of one step. */
interface StepInput {
  /** @returns the text, and what `check` has found */
  text(question: TextQuestion): Promise<{ value: string; found: string | undefined } | { left: Left }>;
  pick<Item extends vscode.QuickPickItem>(
    question: PickQuestion<Item>,
  ): Promise<{ item: Item } | { left: Left }>;
}

/**
 * Asks one question after the other, with a button that goes back to the one before.
 * @returns whether the person came to the end
 */
export async function runSteps(first: Step): Promise<boolean> {
  const taken: Step[] = [];
  for (let next: Step | Left | 'done' = first; ;) {
    if (next === 'done') return true;
    if (next === 'cancelled') return false;
    if (next === 'back') {
      taken.pop();
      next = taken.pop() ?? 'cancelled';
      continue;
    }
    const before = taken.indexOf(next);
    if (before >= 0) taken.length = before;
    taken.push(next);
    next = await next(inputOf(taken.length));
  }
}

function inputOf(step: number): StepInput {
  return {
    async text(question) {
      const box = vscode.window.createInputBox();
      const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<StepInput['text']>>>();
      const { value, password = false, prompt = '' } = question;
      Object.assign(box, { value, password, prompt });
      box.validationMessage = value === '' ? undefined : question.problem(value, true);
      let running: AbortController | undefined;

      function stop(): void {
        running?.abort();
        running = undefined;
        box.busy = false;
        box.prompt = prompt;
      }

      box.onDidChangeValue(now => {
        stop();
        box.validationMessage = question.problem(now, true);
      });
      box.onDidAccept(async () => {
        const given = box.value;
        box.validationMessage = question.problem(given, false);
        if (box.validationMessage !== undefined || running) return;
        const mine = (running = new AbortController());
        box.busy = true;
        if (question.checking) box.prompt = question.checking(given);
        try {
          const found = await question.check?.(given, mine.signal);
          if (running === mine) resolve({ value: given, found });
        } catch (error) {
          leave.reject(error);
        }
      });
      const leave = show(box, question, step);
      try {
        return await Promise.race([promise, leave.promise]);
      } finally {
        running?.abort();
        question.keep(box.value);
        box.dispose();
      }
    },

    async pick(question) {
      const list = vscode.window.createQuickPick<(typeof question.items)[number]>();
      const { promise, resolve } = Promise.withResolvers<
        { item: (typeof question.items)[number] } | { left: Left }
      >();
      list.items = question.items;
      if (question.active) list.activeItems = [question.active];
      list.onDidAccept(() => {
        const [item] = list.selectedItems;
        if (item) resolve({ item });
      });
      const leave = show(list, question, step);
      try {
        return await Promise.race([promise, leave.promise]);
      } finally {
        list.dispose();
      }
    },
  };
}

/** Shows it. @returns how the person leaves it */
function show(
  input: vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>,
  { title, totalSteps, placeholder = '' }: Question,
  step: number,
) {
  const leave = Promise.withResolvers<{ left: Left }>();
  Object.assign(input, { title, step, totalSteps, placeholder, ignoreFocusOut: true });
  const { Back } = vscode.QuickInputButtons;
  input.buttons = step > 1 ? [Back] : [];
  input.onDidTriggerButton(button => {
    if (button === Back) leave.resolve({ left: 'back' });
  });
  input.onDidHide(() => {
    leave.resolve({ left: 'cancelled' });
  });
  input.show();
  return leave;
}
