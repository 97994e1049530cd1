import { describeWays } from './describeWays.ts';
import { mcpInspectorWeb } from './mcpInspectorWeb.ts';

describeWays([mcpInspectorWeb], ['Chromium']);
