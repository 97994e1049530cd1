import assert from 'node:assert/strict';
import { chownSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { useUser } from '../tenant/useTenant.ts';
import { run, visits, type Ran } from './fixtures.ts';
import { startKeyring, type Keyring } from './keyring.ts';
import { describeNeeds, itNeeds } from '../needs.ts';

const nobody = 65_534;

describeNeeds(['a keyring'], 'the keychain that is sometimes there', () => {
  let keyrings: Keyring[] = [];
  const given = useUser(async () => {
    await Promise.all(keyrings.map(keyring => keyring.close()));
    keyrings = [];
  });

  async function keyring(name: string): Promise<Keyring> {
    const started = await startKeyring(join(given.directory, name));
    keyrings.push(started);
    return started;
  }
  const as =
    (env: Record<string, string>) =>
    async (...args: string[]): Promise<Ran> => {
      const ran = await run({ tenant: given.tenant, directory: given.directory, env }, ...args);
      return ran;
    };
  /** As a client starts its servers: with no word of the desktop session. */
  const stripped = as({});
  const files = () => readdirSync(join(given.directory, 'data', 'sessions')).sort();
  const tabs = () => visits(given.directory).length;
  const answers = ({ code, stdout, stderr }: Ran) => {
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const signIn = async (by: (...args: string[]) => Promise<Ran>) => answers(await by('login'));

  it('[T11] is found at the standard place of the bus by a client whose environment does not name it', async () => {
    const { env, runtimeDirectory } = await keyring('keyring');
    await signIn(as(env));
    const ran = await as({ XDG_RUNTIME_DIR: runtimeDirectory })('whoami');
    assert.match(answers(ran), /ada@example\.com/);
    assert.doesNotMatch(ran.stderr, /warning|keychain/);
    assert.equal(tabs(), 1);
  });

  itNeeds(['root'], '[T11] is found there without any word of it in the environment', async () => {
    chownSync(given.directory, nobody, nobody);
    const started = await startKeyring(join(given.directory, 'keyring'), {
      runtimeDirectory: `/run/user/${String(nobody)}`,
      uid: nobody,
    });
    keyrings.push(started);
    const asNobody = (env: Record<string, string>, command: string) =>
      run({ tenant: given.tenant, directory: given.directory, uid: nobody, env }, command);
    answers(await asNobody(started.env, 'login'));
    const ran = await asNobody({}, 'whoami');
    assert.match(answers(ran), /ada@example\.com/);
    assert.doesNotMatch(ran.stderr, /warning|keychain/);
    assert.match(files().join(), /^\w+\.\w+\.sealed$/);
  });

  itNeeds(['root'], '[T11] is not asked where directory or bus are another user’s', async () => {
    const { env, runtimeDirectory } = await keyring('keyring');
    await signIn(as(env));
    for (const place of [join(runtimeDirectory, 'bus'), runtimeDirectory]) {
      chownSync(place, nobody, nobody);
      const ran = await as({ XDG_RUNTIME_DIR: runtimeDirectory })('whoami');
      assert.equal(ran.code, 3);
      assert.match(ran.stderr, /sealed with a key from the keychain.*no session bus/);
      chownSync(place, 0, 0);
    }
  });

  for (const first of ['with', 'without']) {
    it(`[T11] costs each side one sign-in at most, however often tokens end (the first one ${first} it)`, async () => {
      const sealed = as((await keyring('keyring')).env);
      given.tenant.setTokenLifetime(1);
      const sides = first === 'with' ? [sealed, stripped] : [stripped, sealed];
      const who = new Set<string>();
      for (let round = 0; round < 4; round++) {
        for (const side of sides) {
          await (round === 0 && tabs() === 0 ? signIn(side) : undefined);
          const session = await token(side);
          who.add(session.sub);
          await delay(1_000);
        }
      }
      assert.deepEqual([...who], ['auth0|ada']);
      // Who has no keychain cannot use what is sealed; who has one can use what is plain.
      assert.equal(tabs(), first === 'with' ? 2 : 1);
      assert.equal(files().length, first === 'with' ? 2 : 1);
      assert.ok((given.tenant.counters()['token:refresh_token'] ?? 0) >= 6);
      answers(await sealed('logout'));
      assert.deepEqual(files(), []);
    });
  }

  /** Gets a token as a server's first call does, signing in where needed. */
  async function token(side: (...args: string[]) => Promise<Ran>): Promise<{ sub: string }> {
    let ran = await side('token');
    if (ran.code === 3) {
      await signIn(side);
      ran = await side('token');
    }
    return JSON.parse(Buffer.from(answers(ran).split('.')[1] ?? '', 'base64url').toString()) as {
      sub: string;
    };
  }

  it('[T11] that is locked is said as a warning, with what to do; nothing goes from sealed to plain unsaid', async () => {
    const { env, lock } = await keyring('keyring');
    const sealed = as(env);
    await signIn(sealed);
    const [name = ''] = files();
    const before = readFileSync(join(given.directory, 'data', 'sessions', name), 'utf8');
    lock();
    const looked = await sealed('whoami');
    assert.equal(looked.code, 3);
    assert.match(
      looked.stderr,
      /warning: .*sealed with a key.*The keychain is locked \(.*Unlock the keychain/,
    );
    const found = await sealed('doctor');
    assert.match(found.stdout, /✘ Keychain: The keychain is locked \(.*cannot be read here\. Unlock it/);
    const ran = await sealed('login');
    assert.match(answers(ran), /signed in as ada/);
    const plain = files().find(file => file.endsWith('.json')) ?? '';
    assert.match(ran.stderr, /warning: .*kept in .*not encrypted.*The keychain is locked/);
    assert.ok(ran.stderr.includes(plain));
    assert.equal(readFileSync(join(given.directory, 'data', 'sessions', name), 'utf8'), before);
    assert.match(answers(await sealed('whoami')), /ada/);
    const out = await sealed('logout');
    assert.match(out.stderr, /warning: The tenant could not be told.*could not all be read \(1\)/);
    assert.deepEqual(files(), []);
    const again = await stripped('login');
    assert.match(again.stderr, /warning: .*not encrypted/);
  });

  it('[T11] with another key leaves alone what is sealed with the first, which doctor says', async () => {
    const one = as((await keyring('one')).env);
    const other = as((await keyring('other')).env);
    await signIn(one);
    const looked = await other('whoami');
    assert.equal(looked.code, 3);
    assert.match(looked.stderr, /warning: .*sealed with another key\. It is left as it is/);
    assert.match((await other('doctor')).stdout, /✘ Keychain: 1 sign-ins are sealed with another key/);
    await signIn(other);
    assert.equal(files().length, 2);
    for (const side of [one, other]) assert.match(answers(await side('whoami')), /ada/);
    assert.equal(tabs(), 2);
  });

  it('[T11] that never was there is no warning', async () => {
    const { stderr } = await stripped('login');
    assert.doesNotMatch(stderr, /warning/);
    assert.doesNotMatch((await stripped('whoami')).stderr, /warning/);
    assert.match((await stripped('doctor')).stdout, /! Keychain: There is no keychain to use here/);
  });
});
