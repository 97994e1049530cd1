import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mock } from 'node:test';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { createFileStore } from '../../src/sessions/fileStore.ts';
import { tryLock } from '../../src/platform/lock.ts';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { memoryLog, temporaryDirectory } from '../auth/fixtures.ts';

const require = createRequire(import.meta.url);
type Callback = (error: Error | null) => void;

describe('what Windows refuses while somebody else looks', () => {
  const { platform } = process;
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
    Object.defineProperty(process, 'platform', { value: 'win32' });
  });
  afterEach(() => {
    Object.defineProperty(process, 'platform', { value: platform });
    mock.restoreAll();
    directory.remove();
  });

  /** Refuses that many calls of a function of a module, which takes a callback last. */
  function refuse(module: string, name: string, times: number, code = 'EPERM'): void {
    const functions = require(module) as Record<string, (...args: unknown[]) => void>;
    const original = functions[name];
    mock.method(functions, name, (...args: unknown[]) => {
      if (times-- > 0) (args.at(-1) as Callback)(Object.assign(new Error(code), { code }));
      else original?.(...args);
    });
  }
  const lock = () => tryLock(directory.path, 'work', memoryLog());
  const store = () => createFileStore(directory.path, memoryLog());
  const session = {
    version: 1,
    id: 'one',
    tenant: defaultTenant,
    account: { id: 'auth0|ada', label: 'ada' },
    scopes: [],
    accessToken: 'token',
    signedInAt: 1,
    expiresAt: 2,
    lifetime: 1,
  } as const;

  it('is a lock that is just given back, which is still taken', async () => {
    refuse('graceful-fs', 'mkdir', 3);
    assert.ok(await lock());
  });

  it('is a session that is being read, which is still written', async () => {
    refuse('node:fs', 'rename', 3);
    await store().write({ ...session, scopes: [] });
    assert.equal((await store().list())[0]?.id, 'one');
  });

  it('counts as refused where it goes on, or is another refusal', async () => {
    refuse('graceful-fs', 'mkdir', 100);
    await assert.rejects(lock(), error => isOmnispindleError(error, 'storage_failed'));
    refuse('node:fs', 'rename', 1, 'ENOSPC');
    await assert.rejects(store().write({ ...session, scopes: [] }), error =>
      isOmnispindleError(error, 'storage_failed'),
    );
  });
});
