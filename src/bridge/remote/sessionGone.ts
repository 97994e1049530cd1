import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { isRpcError } from '../../mcp/answer.ts';
import { RemoteError } from './refusal.ts';
import { codeOf, jsonIn } from '../../mcp/words.ts';
import { bearerChallenges } from './wwwAuthenticate.ts';
import { rpcCodes } from '../../mcp/names.ts';

// How servers say that they do not know a session: the SDKs of each language, gateways, and people's own servers.
const session = String.raw`(?:mcp[ -])?(?:session|transport)s?(?:[ _-]?id)?`;
const named = String.raw`(?: (?:with )?(?:id )?['"“(\[]?[\w.-]{1,128}['"”)\]]?)?`;
const bad = '(?:no|invalid|unknown|missing|expired|stale|bad|inactive|unrecogni[sz]ed|terminated|closed)';
const state =
  "(?:not found|unknown|invalid|expired|terminated|closed|gone|missing|required|inactive|ended|lost|deleted|unavailable|not (?:valid|active|known|recogni[sz]ed|available|initiali[sz]ed|provided|exist)|(?:does not|doesn't|did not) exist|not be found|no longer (?:valid|active|exists|available))";
const said = [
  String.raw`${bad}(?: (?:or|and|/) ${bad})*(?: (?:valid|active|such|open|existing))? ${session}\b`,
  String.raw`${session}(?: header)?${named}:?(?: (?:is|was|has|have|been|could|already|or|header))*(?: |: )${state}`,
  String.raw`(?:could not|cannot|can't|failed to|unable to) find (?:the |a |any |that )?${session}`,
  String.raw`(?:server|client|session|connection|transport)?\s?(?:is |was |has )?not (?:yet )?(?:been )?initiali[sz]ed`,
  String.raw`expect(?:s|ed|ing)? (?:an? )?initiali[sz]e`,
  String.raw`before initiali[sz]ation (?:was|is) complete`,
  String.raw`(?:re-?initiali[sz]e|start a new session|begin a new session)\b`,
].join('|');
const anywhere = new RegExp(String.raw`\b(?:${said})`, 'i');
/** What an error says of nothing else: before it stand at most the name of its kind and an article. */
const alone = new RegExp(
  String.raw`^\W*(?:[\w -]{1,40}: ?){0,2}(?:(?:the|this|your|a) )?(?:mcp )?(?:${said})`,
  'i',
);
/** Things that have sessions of their own: a tool that says so is not the server that does. */
const others =
  /\b(?:browser|shell|terminal|ssh|debug(?:ger)?|chat|user|login|sign-?in|database|db|sql|playwright|page|tab|checkout|payment|recording|game|token|password|credentials?|authenticat|authori[sz]ation)/i;
/** Codes that servers give such an error; one of the tools' own has others. */
const codes = new Set([rpcCodes.implementation, -32_001, rpcCodes.resourceNotFound, rpcCodes.invalidRequest]);

/** Whether a refusal means that the server does not know the session. */
export function isSessionUnknown(error: unknown): boolean {
  if (!(error instanceof RemoteError)) return false;
  const { status, body } = error;
  // What the newest revision says to a method that it does not know: nothing of a session.
  if (jsonIn(body).some(value => codeOf(value) === rpcCodes.methodNotFound)) return false;
  if (status === 404 || status === 410) return true;
  // A bad gateway, or one that is away, quotes anything.
  if (status < 400 || (status > 500 && status < 600) || status === 429) return false;
  return status === 401 || status === 403 ? isOfSession(error) : anywhere.test(spacesIn(body));
}

/** Whether what refuses access is about the session of the protocol, and not about the token. */
export function isOfSession({ body, challenges }: RemoteError): boolean {
  if (bearerChallenges(challenges).some(({ parameters }) => parameters.has('error'))) return false;
  return anywhere.test(spacesIn(body)) && !others.test(body);
}

/** Whether an answer is an error by which the server says that it does not know the session. */
export function saysSessionIsGone(answer: JSONRPCMessage): boolean {
  const { error } = answer as { readonly error?: unknown };
  if (!isRpcError(error) || !codes.has(error.code)) return false;
  const words = spacesIn(error.message);
  return words.length <= 300 && alone.test(words) && !others.test(words);
}

function spacesIn(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
