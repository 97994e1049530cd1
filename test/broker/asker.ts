import { brokerTokenSource } from '../../src/broker/client.ts';

// A server's side of the broker in a process of its own: asks once, says what it got, and is done; or stays.
const source = brokerTokenSource(process.env);
const { account } = (await source?.getToken({})) ?? {};
process.stdout.write(`${account?.label ?? 'nobody'}\n`);
if (process.argv.includes('--stay')) setInterval(() => undefined, 1_000);
