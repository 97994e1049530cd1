import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { demoUser } from '../../tenant/accounts.ts';
import {
  account,
  callTool,
  eventually,
  person,
  setOption,
  signInByCommand,
  signOutByCommand,
  startServer,
  tenant,
} from './helpers.ts';

const lifetime = 2;
const expiries = 20;

/** The ids of the processes of the bundled server that this window has started; on Linux alone (proc(5)). */
function serverProcesses(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter(id => {
    try {
      const status = readFileSync(`/proc/${id}/status`, 'utf8');
      const command = readFileSync(`/proc/${id}/cmdline`, 'utf8');
      return status.includes(`\nPPid:\t${String(process.pid)}\n`) && command.includes('cli.js\0serve\0');
    } catch {
      // No process, or one that has just ended.
      return false;
    }
  });
}

describe('tokens in a running server', () => {
  before(async () => {
    await setOption('signIn.flow', 'uriHandler');
    await tenant.setTokenLifetime(lifetime);
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
    await tenant.resetCounters();
  });
  after(async () => {
    await tenant.setTokenLifetime(3_600);
    await signOutByCommand();
    await person.leaveTenant();
  });

  const renewals = async () => (await tenant.counters())['token:refresh_token'] ?? 0;

  it(`stay valid across ${String(expiries)} expiries, with one renewal each, no restart and no prompt`, async () => {
    await startServer();
    const servers = serverProcesses();
    const tabs = await person.tabsOpened();
    const started = Date.now();
    let calls = 0;
    while ((await renewals()) < expiries) {
      assert.match(await callTool('whoami'), /ada@example.com/);
      calls++;
      await delay(300);
    }
    // A renewal is due when a tenth of the lifetime is left: more often would be more than one an expiry.
    assert.ok(Date.now() - started >= (expiries - 1) * lifetime * 900, `${String(calls)} calls`);
    assert.equal(await person.tabsOpened(), tabs);
    assert.deepEqual(serverProcesses(), servers);
    if (process.platform === 'linux') assert.equal(servers.length, 1);
  });

  it('recover by themselves after the tenant was down for longer than a token lives', async () => {
    await tenant.setMode('down');
    await delay(lifetime * 1_000 + 500);
    assert.match(await callTool('whoami'), /could not be reached/);
    await tenant.setMode('normal');
    assert.match(await callTool('whoami'), /ada@example.com/);
  });

  it('are asked for again when the tenant ended the session, and the call completes', async () => {
    await tenant.setTokenLifetime(3_600);
    await tenant.revokeSessions();
    await delay(lifetime * 1_000);
    await person.leaveTenant();
    const called = callTool('whoami');
    await person.press('Allow');
    await person.signIn(demoUser);
    assert.match(await called, /ada@example.com/);
  });
});
