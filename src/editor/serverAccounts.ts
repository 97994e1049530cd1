import * as vscode from 'vscode';

type AccountOf = vscode.AuthenticationSessionAccountInformation;
const key = 'serverAccounts';

/** Which account each server runs as, where the person chose one for it. */
export interface ServerAccounts {
  chosen(server: string): AccountOf | undefined;
  /** The account of that id, where it was chosen for any server. */
  find(id: string): AccountOf | undefined;
  /** @param account undefined for the account that the editor prefers for Omnispindle */
  choose(server: string, account: AccountOf | undefined): Promise<void>;
}

/** Keeps the choices in the extension's global state. */
export function createServerAccounts(state: vscode.Memento): ServerAccounts {
  const all = () => state.get<Record<string, AccountOf>>(key, {});
  return {
    chosen: server => all()[server],
    find: id => Object.values(all()).find(account => account.id === id),
    async choose(server, account) {
      const { [server]: _before, ...others } = all();
      await state.update(key, account ? { ...others, [server]: account } : others);
    },
  };
}
