import * as l10n from '@vscode/l10n';
import { answers, hasMethod, meantFor, parseMessages, withId, type Message } from '../../mcp/message.ts';
import type { Call } from './call.ts';
import { NotStreamableError } from './otherTransport.ts';

/** Whether a message is an error, whoever it is for. */
export function isError({ content }: Message): boolean {
  return !hasMethod(content) && 'error' in content && Boolean(content.error);
}

/** The message, as an answer to that call where it is meant for it under another id. */
export function forThat(message: Message, { id }: Call): Message {
  const { content } = message;
  if (answers(content) === id || meantFor(content, [id]) === undefined) return message;
  return withId(message, id);
}

/**
 * The messages of a body.
 * @throws NotStreamableError where it is not an answer of an MCP server
 */
export function messagesIn(body: string): Message[] {
  try {
    return parseMessages(body);
  } catch (error) {
    throw noServer(error);
  }
}

/** That what answered is not a server of the Streamable HTTP transport. */
export function noServer(cause?: unknown): NotStreamableError {
  return new NotStreamableError(
    l10n.t('What answered is not an MCP server but another page, a proxy’s say. Check the address.'),
    { cause },
  );
}
