import type { WatchTool } from '../../createServer.ts';
import { noteRequest } from './record.ts';
import type { Spans } from './spans.ts';

/** Notes how a call of a tool ended, and puts it into a span where there are spans. */
export function watchTool(spans: Spans | undefined): WatchTool {
  return async (tool, call) => {
    const attributes = { 'gen_ai.tool.name': tool, 'gen_ai.operation.name': 'execute_tool' };
    const result = await (spans ? spans.within(`execute_tool ${tool}`, attributes, call) : call());
    if (result.isError) noteRequest({ toolFailed: true });
    return result;
  };
}
