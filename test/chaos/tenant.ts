import { startTenant } from '../tenant/tenant.ts';

// The tenant as a process of its own, which may be killed at any moment and started again.
const [port = '', stateFile = '', lifetime = ''] = process.argv.slice(2);
const tenant = await startTenant({ port: Number(port), stateFile, tokenLifetime: Number(lifetime) });
// Time enough to be killed while a request is under way.
tenant.setMode('slow', 50);
