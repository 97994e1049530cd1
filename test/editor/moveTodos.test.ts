import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import { eventually } from '../eventually.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import type { TenantApi } from '../tenant/options.ts';
import { signInInBrowser } from './standIn/browser.ts';
import type { StandIn } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';
import { prepareTeamServer, type TeamServer } from './startTeamServer.ts';

const setting = 'omnispindle.server';

describe('[team] todos of this machine in an editor whose server is a team’s', () => {
  const apis: TenantApi[] = [];
  const directory = temporaryDirectory();
  let team: TeamServer;
  before(async () => {
    team = await prepareTeamServer(directory.path);
    apis.push(team.api);
  });
  const given = useStandIn({
    apis,
    // As the tenant reads it: by then the server has its address.
    get mrrt() {
      return apis.map(({ identifier, scopes }) => ({ audience: identifier, scopes }));
    },
  });
  before(() => team.start(given.tenant));
  after(async () => {
    await team.stop();
    directory.remove();
  });

  const owner = () => ({ issuer: given.tenant.issuer, sub: 'auth0|ada' });
  /** What is in that directory, by the todos' words. */
  async function todosIn(path: string): Promise<string[]> {
    const store = await openSqliteStore(path);
    const { items } = await store.of(owner()).queryTodos({}, { limit: 50, offset: 0 });
    await store.close();
    return items.map(({ description }) => description);
  }
  const here = () => join(given.directory, 'data');
  async function addTodo(): Promise<void> {
    const store = await openSqliteStore(here());
    await store.of(owner()).addTodo({ description: 'Card the wool', project: 'wool' });
    await store.close();
  }
  async function signIn(window: StandIn): Promise<void> {
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    await command;
  }
  const offers = (window: StandIn) =>
    window.screen.all.filter(({ text }) => /now use your team’s/.test(text));
  const hasKey = ({ executed }: StandIn) =>
    executed.findLast(({ id, args }) => id === 'setContext' && args[0] === 'omnispindle.hasTeam')?.args[1];

  it('[team] are offered to be taken along, once, and are then at the server, and still here', async () => {
    await addTodo();
    const profile = given.profile();
    const window = await given.start({ profile });
    await signIn(window);
    assert.ok(!hasKey(window));
    profile.set(setting, team.api.identifier);
    assert.ok(hasKey(window));
    const offer = await window.screen.see(/now use your team’s server, 127\.0\.0\.1/);
    await offer.answer('Move Todos');
    await window.screen.see(/All that .* has here is at .* now/, 40_000);
    assert.deepEqual(await todosIn(directory.path), ['Card the wool']);
    assert.deepEqual(await todosIn(here()), ['Card the wool']);
    assert.doesNotMatch(window.lines.join('\n'), /eyJ/);
    profile.set(setting, 'bundled');
    profile.set(setting, team.api.identifier);
    await window.run('omnispindle.moveTodos');
    assert.equal(offers(window).length, 1);
    assert.deepEqual(await todosIn(directory.path), ['Card the wool']);
  });

  it('[team] of other accounts are asked about, and come along where the person wants that', async () => {
    await addTodo();
    const store = await openSqliteStore(here());
    await store
      .of({ issuer: 'https://old.example/', sub: 'auth0|ada' })
      .addTodo({ description: 'Full the cloth', project: 'wool' });
    await store.close();
    const window = await given.start({ profile: given.profile({ [setting]: team.api.identifier }) });
    await signIn(window);
    await window.run('omnispindle.moveTodos');
    const asked = await window.screen.see(
      /All that .* has here is at .* Other accounts have something .*: auth0\|ada at old\.example \(todos: 1, lessons: 0\)\./,
      40_000,
    );
    assert.ok(!(await todosIn(directory.path)).includes('Full the cloth'));
    await asked.answer('Take That Along, Too');
    await window.screen.see(/All that is on this machine, of whatever account, is at/, 40_000);
    assert.ok((await todosIn(directory.path)).includes('Full the cloth'));
    assert.ok(
      window.screen.all.every(({ kind, text }) => kind !== 'progress' || !text.includes('--from-all')),
    );
  });

  it('[team] come along where the token ends on the way, as in a long move', async () => {
    await addTodo();
    const window = await given.start({ profile: given.profile({ [setting]: team.api.identifier }) });
    await signIn(window);
    let ended: string | null = null;
    team.answer = ({ url, headers }) => {
      const token = headers.get('authorization');
      if (!url.endsWith('/import') || token === null) return undefined;
      ended ??= token;
      if (token !== ended) return undefined;
      const challenge = 'Bearer error="invalid_token"';
      return new Response(null, { status: 401, headers: { 'www-authenticate': challenge } });
    };
    await window.run('omnispindle.moveTodos').finally(() => {
      team.answer = undefined;
    });
    await window.screen.see(/All that .* has here is at .* now/, 40_000);
    assert.ok(ended);
    assert.doesNotMatch(window.lines.join('\n'), /eyJ|This server runs/);
  });

  it('[team] stay or are there as a whole where the person presses Cancel, and can be moved again', async () => {
    await addTodo();
    const profile = given.profile({ [setting]: team.api.identifier });
    const window = await given.start({ profile });
    await signIn(window);
    const moving = window.run('omnispindle.moveTodos');
    const progress = await window.screen.see(/^Moving your todos to 127\.0\.0\.1/);
    progress.dismiss();
    await moving;
    assert.ok(!progress.isOpen);
    assert.match(window.lines.join('\n'), /Stopped\. What has been moved is there/);
    assert.deepEqual(
      window.screen.all.filter(({ kind }) => kind === 'error'),
      [],
    );
    await window.run('omnispindle.moveTodos');
    await window.screen.see(/All that .* has here is at .* now/, 40_000);
    assert.deepEqual(await todosIn(here()), ['Card the wool']);
  });

  it('[team] are not offered where there are none, and not in an editor that begins with it', async () => {
    const profile = given.profile();
    const window = await given.start({ profile });
    profile.set(setting, team.api.identifier);
    // It has looked by then.
    await delay(500);
    await addTodo();
    const later = await given.start({ profile });
    profile.set(setting, `${team.api.identifier}/`);
    await given.definitions(later);
    assert.deepEqual([...offers(window), ...offers(later)], []);
  });

  it('[team] have nowhere to go without such a server, and say so', async () => {
    const window = await given.start();
    await window.run('omnispindle.moveTodos');
    await window.screen.see(/There is no team’s server to move to\. Set omnispindle\.server/);
  });

  it('[team] stay where the server is out of reach, and it is said', async () => {
    await addTodo();
    await team.stop();
    const window = await given.start({ profile: given.profile({ [setting]: team.api.identifier }) });
    await signIn(window);
    await window.run('omnispindle.moveTodos');
    await window.screen.see(/could not be reached/);
    assert.deepEqual(await todosIn(here()), ['Card the wool']);
    await given.definitions(window);
    await eventually('nothing under way', () =>
      window.screen.all.every(one => one.kind !== 'progress' || !one.isOpen),
    );
  });
});
