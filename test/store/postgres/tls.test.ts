import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { noLog } from '../../../src/common/log.ts';
import { openPostgresStore } from '../../../src/store/postgres/postgresStore.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import { temporaryDirectory } from '../../auth/fixtures.ts';
import { createAuthority, type Authority, type Certificate } from '../../network/certificates.ts';
import { describeNeeds } from '../../needs.ts';
import { startPostgres, type TestPostgres } from '../../postgres.ts';
import { ownerOf } from '../fixtures.ts';

/** Bytes of what a client asks for TLS with (Postgres documentation, 53.7, SSLRequest). */
const requestSize = 8;

describeNeeds(['OpenSSL'], 'a Postgres store over TLS', () => {
  const directory = temporaryDirectory();
  let authority: Authority;
  let other: Authority;
  const servers: Server[] = [];
  let postgres: TestPostgres;
  before(async () => {
    authority = createAuthority(join(directory.path, 'authority'));
    other = createAuthority(join(directory.path, 'other'));
    postgres = await startPostgres();
  });
  after(async () => {
    for (const server of servers) server.close();
    await postgres[Symbol.asyncDispose]();
    directory.remove();
  });

  /**
   * Stands before the database as its TLS does, which the embedded one is not set up for.
   * @param certificate absent where it speaks none
   * @returns the address of the database by way of it
   */
  async function startTls(certificate: Certificate | undefined, parameters: string) {
    const { port } = new URL(postgres.databaseUrl);
    const server = createServer(socket => {
      socket.on('error', () => undefined);
      socket.once('data', (asked: Buffer) => {
        assert.equal(asked.length, requestSize);
        socket.write(certificate ? 'S' : 'N');
        if (!certificate) return;
        const safe = new TLSSocket(socket, {
          isServer: true,
          secureContext: createSecureContext(certificate),
        });
        const database = connect(Number(port), '127.0.0.1');
        for (const one of [safe, database]) {
          one.on('error', () => {
            safe.destroy();
            database.destroy();
          });
        }
        safe.pipe(database).pipe(safe);
      });
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return (address: string) => {
      const url = new URL(address);
      url.hostname = 'localhost';
      url.port = String((server.address() as AddressInfo).port);
      return `${url.href}?${parameters}`;
    };
  }

  const open = (by: (address: string) => string) =>
    openPostgresStore({
      url: by(postgres.databaseUrl),
      migrationUrl: by(postgres.migrationUrl),
      log: noLog,
    });

  for (const mode of ['require', 'verify-ca', 'verify-full']) {
    it(`works with sslmode=${mode} and the certificate of the authority`, async () => {
      const by = await startTls(
        authority.issue({ names: ['DNS:localhost'] }),
        `sslmode=${mode}&sslrootcert=${encodeURIComponent(authority.file)}`,
      );
      const store = await open(by);
      await store.of(ownerOf('ada')).addTodo({ description: 'Spin', project: 'wool' });
      await store.close();
    });
  }

  const issued = (names: readonly string[], more = {}) => authority.issue({ names, ...more });
  const rootOf = ({ file }: Pick<Authority, 'file'>) =>
    `sslmode=verify-full&sslrootcert=${encodeURIComponent(file)}`;
  for (const [what, certificate, parameters, says] of [
    [
      'nobody here trusts',
      () => issued(['DNS:localhost']),
      () => 'sslmode=verify-full',
      /not trusted.*\((?:UNABLE_TO_\w+|SELF_SIGNED_CERT_IN_CHAIN)\).*sslrootcert=FILE/,
    ],
    [
      'nobody here trusts, with sslmode=require',
      () => issued(['DNS:localhost']),
      () => 'sslmode=require',
      /not trusted.*sslrootcert=FILE/,
    ],
    [
      'is its own authority',
      () => createAuthority(join(directory.path, 'own'), ['DNS:localhost']).own,
      () => 'sslmode=verify-full',
      /not trusted.*DEPTH_ZERO_SELF_SIGNED_CERT/,
    ],
    [
      'another authority has issued',
      () => issued(['DNS:localhost']),
      () => rootOf(other),
      /not trusted.*sslrootcert=FILE/,
    ],
    [
      'is for another name',
      () => issued(['DNS:db.example']),
      () => rootOf(authority),
      /for another name \(ERR_TLS_CERT_ALTNAME_INVALID\).*check the name of the host/,
    ],
    [
      'has expired',
      () => issued(['DNS:localhost'], { from: '20200101000000Z', to: '20200102000000Z' }),
      () => rootOf(authority),
      /\(CERT_HAS_EXPIRED\).*the date of this machine/,
    ],
    [
      'is missing',
      () => undefined,
      () => 'sslmode=require',
      /does not speak TLS, which DATABASE_URL asks for/,
    ],
  ] as const) {
    it(`says at its start that a certificate ${what}, and sends no password`, async () => {
      await assert.rejects(open(await startTls(certificate(), parameters())), error => {
        assert.ok(error instanceof StoreError && error.code === 'unavailable', String(error));
        assert.match(error.message, says);
        assert.ok(!error.message.includes(new URL(postgres.databaseUrl).password));
        return true;
      });
    });
  }

  it('takes any certificate where that is said', async () => {
    const by = await startTls(other.issue({ names: ['DNS:db.example'] }), 'sslmode=no-verify');
    await (await open(by)).close();
  });

  it('says where the certificates of the authority are no certificates', async () => {
    const file = join(directory.path, 'none.pem');
    writeFileSync(file, 'wool');
    const by = await startTls(issued(['DNS:localhost']), rootOf({ file }));
    await assert.rejects(open(by), error => {
      assert.ok(error instanceof StoreError && error.code === 'unavailable', String(error));
      assert.match(error.message, /not trusted/);
      return true;
    });
  });
});
