import type * as vscode from 'vscode';

type AccountOf = vscode.AuthenticationSessionAccountInformation;
/** Another tenant may have an account of the same id. Choices of the first release know no issuer. */
type Choice = AccountOf & { readonly issuer?: string };
const key = 'serverAccounts';

/** Which account each server runs as, where the person chose one for it. */
export interface ServerAccounts {
  chosen(server: string): AccountOf | undefined;
  /** The account of that id, where it was chosen for any server. */
  find(id: string): AccountOf | undefined;
  /** @param account undefined for the account that the editor prefers for Omnispindle */
  choose(server: string, account: AccountOf | undefined): Promise<void>;
}

/**
 * Keeps the choices in the extension's global state. Those made at another tenant do not count meanwhile.
 * @param issuer the tenant's issuer now
 */
export function createServerAccounts(state: vscode.Memento, issuer: () => string): ServerAccounts {
  const all = () => state.get<Record<string, Choice>>(key, {});
  const isOfTenant = (choice: Choice) => choice.issuer === undefined || choice.issuer === issuer();
  return {
    chosen: server => [all()[server]].find(choice => choice && isOfTenant(choice)),
    find: id => Object.values(all()).find(choice => choice.id === id && isOfTenant(choice)),
    async choose(server, account) {
      const { [server]: _before, ...others } = all();
      const choice = account && { id: account.id, label: account.label, issuer: issuer() };
      await state.update(key, choice ? { ...others, [server]: choice } : others);
    },
  };
}
