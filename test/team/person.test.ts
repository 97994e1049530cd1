import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allTools } from '../../src/server/generated/allTools.ts';
import { ToolError } from '../../src/server/tool.ts';
import { readInput } from '../../src/server/toolInput.ts';
import { createStore } from '../../src/store/createStore.ts';
import type { Store } from '../../src/store/store.ts';
import { memoryEngine } from '../store/memoryEngine.ts';
import { ImpossibleAnswer } from './cell.ts';
import { createPerson, type Call, type Outcome, type Person } from './person.ts';
import { anyStep } from './steps.ts';

/** What happens to a call on its way. */
type Fate = 'fine' | 'lost on the way there' | 'lost on the way back' | 'carried out later';
const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('fine') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Fate>('lost on the way there', 'lost on the way back', 'carried out later'),
  },
);
const people = ['ada', 'grace', 'hedy'] as const;
const turn = fc.record({ who: fc.nat({ max: people.length - 1 }), step: anyStep, fate });
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

/** Calls the tools themselves, as that person. */
function callAs(sub: string, store: Store): Call {
  const caller = { issuer: 'https://tenant.example/', sub, scopes: [] };
  return async (name, input) => {
    const tool = allTools.find(tool => tool.name === name)!;
    try {
      const context = { caller, store: () => Promise.resolve(store.of(caller)) };
      const result = await tool.run(await readInput(tool, input), context);
      return { kind: 'answer', result: JSON.parse(JSON.stringify(result)) as Record<string, unknown> };
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return { kind: 'refused', words: error.message };
    }
  };
}

/** Everybody takes their turns; then everybody reads all that they have. @param spoil what a wrong server does to a call */
async function play(
  script: readonly Turn[],
  spoil: (call: Call, sub: string, store: Store) => Call = call => call,
): Promise<readonly Person[]> {
  const store = createStore(memoryEngine());
  const late: (() => Promise<unknown>)[] = [];
  let now: Fate = 'fine';
  const lost: Outcome = { kind: 'unknown', words: 'lost' };
  const everybody = people.map(sub => {
    const call = spoil(callAs(sub, store), sub, store);
    return createPerson(() => async (tool, input) => {
      const is = now;
      now = 'fine';
      if (is === 'carried out later') late.push(() => call(tool, input));
      if (is === 'lost on the way there' || is === 'carried out later') return lost;
      const outcome = await call(tool, input);
      return is === 'fine' ? outcome : lost;
    });
  });
  for (const [index, { who, step, fate }] of script.entries()) {
    now = fate;
    await everybody[who]!.take(
      step,
      everybody.filter((_person, other) => other !== who),
    );
    now = 'fine';
    if (index % 5 === 4) for (const run of late.splice(0)) await run();
  }
  for (const run of late.splice(0)) await run();
  for (const person of everybody) await person.readBack();
  return everybody;
}

describe('the people of the team’s tests', () => {
  it('find nothing wrong with a right store, whichever calls get no answer', async () => {
    const scripts = fc.array(turn, { maxLength: 60 });
    const property = fc.asyncProperty(scripts, async script => {
      await play(script);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('write, and are answered', async () => {
    const script = fc.sample(turn, { seed: 1, numRuns: 300 });
    const everybody = await play(script);
    for (const { notebook } of everybody) assert.ok(notebook.acknowledged() > 30);
  });

  /** Servers that do what the tests of the team's server must see. */
  const wrongs: Record<string, Parameters<typeof play>[1]> = {
    'loses a todo that it has acknowledged': (call, sub, store) => async (tool, input) => {
      const outcome = await call(tool, input);
      if (tool === 'add_todo' && outcome.kind === 'answer' && String(input['description']).includes(' 5 ')) {
        const caller = { issuer: 'https://tenant.example/', sub };
        await store.of(caller).deleteTodo((outcome.result['todo'] as { id: string }).id);
      }
      return outcome;
    },
    'does not write a change that it has acknowledged': call => async (tool, input) => {
      if (tool !== 'update_todo') return call(tool, input);
      const outcome = await call('get_todo', { todo_id: input['todo_id'] });
      if (outcome.kind === 'answer') Object.assign(outcome.result['todo'] as object, input['updates']);
      return outcome;
    },
    'adds a todo twice': call => async (tool, input) => {
      if (tool === 'add_todo') await call(tool, input);
      return call(tool, input);
    },
    'changes a todo twice': call => async (tool, input) => {
      if (tool === 'complete_todo') await call(tool, { ...input, comment: 'before' });
      return call(tool, input);
    },
    'lists everybody’s todos': (call, _sub, store) => async (tool, input) => {
      if (tool !== 'query_todos') return call(tool, input);
      return callAs('ada', store)(tool, input);
    },
    'searches everybody’s todos': (call, _sub, store) => async (tool, input) => {
      if (tool !== 'search_todos') return call(tool, input);
      return callAs('ada', store)(tool, input);
    },
    'lets others delete a todo': (call, _sub, store) => async (tool, input) => {
      const outcome = await call(tool, input);
      if (tool === 'delete_todo' && outcome.kind === 'refused') return callAs('ada', store)(tool, input);
      return outcome;
    },
    'says that there is such a todo of somebody else': (call, _sub, store) => async (tool, input) => {
      const outcome = await call(tool, input);
      if (outcome.kind !== 'refused') return outcome;
      const other = await callAs('ada', store)('get_todo', { todo_id: input['todo_id'] });
      return other.kind === 'answer' ? { ...outcome, words: `${outcome.words} It is not yours.` } : outcome;
    },
    'forgets the log': call => async (tool, input) => {
      const outcome = await call(tool, input);
      if (tool === 'query_todo_logs' && outcome.kind === 'answer') outcome.result['entries'] = [];
      return outcome;
    },
    'repeats a page of a list': call => async (tool, input) => {
      const outcome = await call(tool, input);
      if (tool === 'query_todos' && outcome.kind === 'answer') {
        const todos = outcome.result['todos'] as unknown[];
        outcome.result['todos'] = [...todos, ...todos];
      }
      return outcome;
    },
  };
  for (const [what, spoil] of Object.entries(wrongs)) {
    it(`see that a server ${what}`, async () => {
      const script = fc.sample(turn, { seed: 7, numRuns: 300 });
      await assert.rejects(
        play(script, spoil),
        error => error instanceof ImpossibleAnswer || error instanceof assert.AssertionError,
      );
    });
  }
});
