// Loaded into a process of ours: there, `localhost` has an address of each family, and the other one leads nowhere.
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

const addresses = [
  { address: '127.0.0.1', family: 4 },
  { address: '2001:db8::1', family: 6 },
];
const { lookup } = dns;
dns.lookup = (name, options, done) => {
  if (name !== 'localhost') lookup(name, options, done);
  else if (options.all) process.nextTick(done, null, addresses);
  else process.nextTick(done, null, addresses[0].address, 4);
};
const { lookup: ask } = dns.promises;
dns.promises.lookup = async (name, options) =>
  name !== 'localhost' ? ask(name, options) : options.all ? addresses : addresses[0];
syncBuiltinESMExports();
