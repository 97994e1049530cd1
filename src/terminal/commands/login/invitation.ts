import { parseInvitation, type Invitation } from '../../../auth/invitation.ts';

/** How much (characters) of stdin is read. */
const longestInput = 16_384;

/**
 * Reads the link of an invitation, which a person gives as an argument, or by stdin where nobody else on the machine is to
 * see it.
 * @param link the link, or `-`
 * @throws OmnispindleError `invalid_settings` where it is not the link of an invitation
 */
export async function readInvitation(link: string): Promise<Invitation> {
  return parseInvitation(link === '-' ? await firstLine() : link);
}

async function firstLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.includes('\n') || text.length > longestInput) break;
  }
  return text.split('\n')[0] ?? '';
}
