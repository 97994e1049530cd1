import { describeWays } from './describeWays.ts';
import { sdkClients } from './sdkClients.ts';
import { connect, mcpRemote } from './stdioClients.ts';

describeWays([...sdkClients, mcpRemote, connect]);
