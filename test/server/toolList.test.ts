import assert from 'node:assert/strict';
import toolList from '../../src/server/toolList.json' with { type: 'json' };
import { listBySdk } from './toolList.ts';

describe('the list of tools', () => {
  it('is what the SDK makes of the tools', async () => {
    assert.deepEqual(toolList, await listBySdk(), 'A tool has changed: write the list with "npm run tools".');
  });
});
