import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { nodeTransport } from '../../src/network/tenantTransport.ts';
import { tenantFetch, useTenantTransport, type TenantTransport } from '../../src/auth/tenantFetch.ts';
import { failsWith } from '../auth/fixtures.ts';
import { startImpostor, type Impostor } from '../tenant/impostor.ts';

const byFetch: TenantTransport = (target, options) =>
  fetch(target, { ...options, redirect: 'manual' } as RequestInit);

for (const [name, transport] of [
  ['the editor’s fetch', byFetch],
  ['Node.js’s own client', nodeTransport],
] as const) {
  describe(`a request to a tenant, by ${name},`, () => {
    let tenant: Impostor;

    before(() => {
      useTenantTransport(transport);
    });
    after(() => {
      useTenantTransport(byFetch);
    });
    beforeEach(async () => {
      tenant = await startImpostor();
    });
    afterEach(() => tenant.close());

    const send = (path: string, options?: Parameters<ReturnType<typeof tenantFetch>>[1]) =>
      tenantFetch(tenant.tenant())(`${tenant.domain}${path}`, options);

    it('[W7] has a connection of its own, so that none is found closed', async () => {
      const ports: (number | undefined)[] = [];
      tenant.answer('/oauth/token', (request, response) => {
        ports.push(request.socket.remotePort);
        response.end('{}');
      });
      for (let times = 0; times < 3; times++) {
        await send('/oauth/token', { method: 'POST', body: new URLSearchParams({ code: 'c' }) });
      }
      assert.equal(new Set(ports).size, 3);
    });

    it('arrives as it was meant, and so does its answer', async () => {
      let body = '';
      tenant.answer('/oauth/token', (request, response) => {
        request
          .on('data', (chunk: Buffer) => (body += chunk.toString()))
          .on('end', () => response.writeHead(403, { 'x-said': 'Grüße, 1' }).end('{"error":"no"}'));
      });
      const answer = await send('/oauth/token', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ code: 'ü+ &' }),
      });
      assert.equal(body, 'code=%C3%BC%2B+%26');
      assert.equal(answer.status, 403);
      assert.deepEqual(await answer.json(), { error: 'no' });
    });

    it('follows no redirect', async () => {
      tenant.answer('/a', (_request, response) => response.writeHead(302, { location: '/b' }).end());
      assert.equal((await send('/a')).status, 302);
      assert.deepEqual(tenant.asked, ['/a']);
    });

    it('takes an answer without a body', async () => {
      tenant.answer('/oauth/revoke', (_request, response) => response.writeHead(204).end());
      const answer = await send('/oauth/revoke', { method: 'POST', body: new URLSearchParams() });
      assert.equal(answer.status, 204);
      assert.equal(await answer.text(), '');
    });

    for (const [when, begin] of [
      ['before', () => undefined],
      ['during', (response: ServerResponse) => response.write('{')],
    ] as const) {
      it(`ends with the reason of its signal ${when} its answer`, async () => {
        const stop = new AbortController();
        const reason = new Error('enough');
        tenant.answer('/slow', (_request, response) => {
          begin(response);
          setTimeout(() => {
            stop.abort(reason);
          }, 100);
        });
        await assert.rejects(send('/slow', { signal: stop.signal }), (error: unknown) => error === reason);
      });
    }

    it('fails where its answer breaks off, or is none', async () => {
      tenant.answer('/broken', (_request, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('{');
        setTimeout(() => response.destroy(), 50);
      });
      tenant.answer('/odd', (_request, response) => response.writeHead(999).end());
      await assert.rejects(send('/broken'));
      await assert.rejects(send('/odd'));
    });

    it('takes no answer that is too long', async () => {
      tenant.answer('/long', (_request, response) => response.end('x'.repeat(2 * 1024 * 1024)));
      await failsWith(send('/long'), 'invalid_response', /more than 1024 kB/);
    });
  });
}
