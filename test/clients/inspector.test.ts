import { describeWays } from './describeWays.ts';
import { mcpInspector } from './mcpInspector.ts';

describeWays([mcpInspector]);
