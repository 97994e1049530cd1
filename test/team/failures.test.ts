import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { eventually } from '../eventually.ts';
import { connectCaller, type Caller } from './caller.ts';
import { createPerson, type Person } from './person.ts';
import { anyStep } from './steps.ts';
import { startTeam, teamScopes, type Team } from './team.ts';

const people = 6;
const seed = Number(process.env['TEAM_SEED'] ?? Date.now() % 1_000_000);

/** Somebody who works without a break, and how far they have come. */
interface Worker {
  readonly person: Person;
  readonly caller: Caller;
  answers: number;
}

describe(`a team's server under load (TEAM_SEED=${String(seed)})`, function () {
  this.timeout(120_000);
  let team: Team;
  let workers: Worker[] = [];
  let tokens: string[];
  let work: Promise<unknown>;
  let isOver = false;
  /** What must never be answered, as the workers found it. */
  const wrong: unknown[] = [];

  before(async () => {
    team = await startTeam({ env: { OMNISPINDLE_RATE_LIMIT: 'off', OMNISPINDLE_STOP_DELAY: '1' } });
    tokens = await newTokens();
    workers = await Promise.all(tokens.map((_token, index) => hire(index)));
    work = Promise.all(workers.map(workOn));
  });
  after(async () => {
    isOver = true;
    await work;
    await Promise.all(workers.map(({ caller }) => caller.close()));
    await team[Symbol.asyncDispose]();
  });
  afterEach(() => {
    assert.deepEqual(wrong, []);
  });

  const newTokens = () =>
    Promise.all(
      Array.from({ length: people }, (_, index) =>
        team.tenant.sign({ sub: `auth0|${String(index)}`, aud: team.url, scope: teamScopes.join(' ') }),
      ),
    );

  async function hire(index: number): Promise<Worker> {
    const caller = await connectCaller({
      url: team.url,
      token: () => Promise.resolve(tokens[index]!),
      era: index % 2 === 0 ? '2026' : '2025',
    });
    const person = createPerson(() => async (tool, input) => {
      const outcome = await caller.call(tool, input);
      if (outcome.kind === 'unknown') await delay(50);
      else worker.answers++;
      return outcome;
    });
    const worker: Worker = { person, caller, answers: 0 };
    return worker;
  }

  async function workOn({ person }: Worker, index: number): Promise<void> {
    const others = workers.map(worker => worker.person).filter(other => other !== person);
    const steps = fc.sample(anyStep, { seed: seed + index, numRuns: 20_000 });
    try {
      for (const step of steps) {
        if (isOver) return;
        await person.take(step, others);
      }
    } catch (error) {
      wrong.push(error);
    }
  }

  /** Waits until everybody was answered so many times more. */
  async function goOn(answers = 10): Promise<void> {
    const goals = workers.map(worker => worker.answers + answers);
    await eventually(
      'the answers to everybody',
      () => wrong.length > 0 || workers.every((worker, index) => worker.answers >= goals[index]!),
    );
  }

  const complaints = () => workers.flatMap(({ person }) => person.complaints);

  /** That every call is answered while that happens. */
  async function withoutComplaint(happen: () => Promise<void>): Promise<void> {
    const before = complaints().length;
    await goOn();
    await happen();
    await goOn();
    assert.deepEqual(complaints().slice(before), []);
  }

  it('goes on where a replica is killed, and started', async () => {
    for (const replica of [...team.replicas, ...team.replicas]) {
      await goOn();
      await replica.kill();
      await goOn();
      const before = team.balancer.served()[replica.origin] ?? 0;
      await replica.start();
      await eventually('its share of the work', () => team.balancer.served()[replica.origin]! > before);
    }
  });

  it('answers every call where a replica is stopped, and started', async () => {
    await withoutComplaint(async () => {
      for (const replica of team.replicas) {
        assert.equal(await replica.stop(), 0);
        await goOn();
        await replica.start();
        await eventually('its return', () => team.balancer.ready().includes(replica.origin));
      }
    });
  });

  it('answers every call where the tenant rotates its keys, and withdraws the old ones', async () => {
    await withoutComplaint(async () => {
      team.tenant.rotateKeys();
      tokens = await newTokens();
      await goOn();
      team.tenant.withdrawKeys();
    });
  });

  it('goes on where Postgres is stopped, and started', async () => {
    await goOn();
    await team.postgres.stop();
    const before = complaints().length;
    await eventually('a complaint', () => complaints().length > before);
    await team.postgres.start();
    await goOn();
    await eventually('both replicas', () => team.balancer.ready().length === 2);
  });

  it('has kept every acknowledged write in the end, once', async () => {
    isOver = true;
    await work;
    for (const { person } of workers) await person.readBack();
    const written = workers.map(({ person }) => person.notebook.acknowledged());
    assert.ok(Math.min(...written) > 50, written.join());
    console.log(
      `      ${String(written.reduce((sum, count) => sum + count, 0))} acknowledged writes, ${String(complaints().length)} calls without an answer`,
    );
  });

  it('has said what was wrong in words that help', () => {
    // The last ones are a client’s own, of an answer that broke off.
    const clear = /may have been carried out|No server is there|database|SSE stream disconnected/;
    assert.deepEqual(
      [...new Set(complaints())].filter(complaint => !clear.test(complaint)),
      [],
    );
  });
});
