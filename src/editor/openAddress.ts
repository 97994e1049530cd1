import * as vscode from 'vscode';
import { requireSafeAddress } from '../auth/address.ts';

/**
 * Opens an address as it is. The API's type wants a Uri, but `Uri` decodes a query while parsing, and a
 * redirect_uri that has a query of its own arrives broken; the string is passed on unharmed.
 * @returns whether a browser could be opened
 * @throws AuthError `invalid_response` where the address is neither https nor on this machine
 */
export async function openAddress(url: string): Promise<boolean> {
  requireSafeAddress(url);
  return vscode.env.openExternal(url as unknown as vscode.Uri);
}
