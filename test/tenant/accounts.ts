import { randomUUID } from 'node:crypto';

export interface TenantAccount {
  readonly sub: string;
  readonly email: string;
  readonly name: string;
  /** Absent where another provider vouches for the person. */
  readonly password?: string;
}

/** The person every demo tenant knows from the start. */
export const demoUser = { email: 'ada@example.com', name: 'Ada Lovelace', password: 'spindle-and-thread' };
/** The person the Google stand-in knows. */
export const googleUser = {
  email: 'grace@gmail.example',
  name: 'Grace Hopper',
  password: 'cobol-and-coffee',
};

/** A tenant's people, in memory. */
export function createAccounts() {
  const accounts = new Map<string, TenantAccount>();
  const add = (account: TenantAccount) => {
    accounts.set(account.sub, account);
    return account;
  };
  const byEmail = (email: string) =>
    [...accounts.values()].find(
      account => account.password !== undefined && account.email.toLowerCase() === email.toLowerCase(),
    );
  return {
    find: (sub: string) => accounts.get(sub),
    hasPassword: (email: string) => byEmail(email) !== undefined,
    logIn(email: string, password: string): TenantAccount | undefined {
      const account = byEmail(email);
      return account?.password === password ? account : undefined;
    },
    /** Undefined where the e-mail address is already known or something is missing. */
    signUp(name: string, email: string, password: string): TenantAccount | undefined {
      if (!email.includes('@') || password.length < 8 || byEmail(email)) return undefined;
      return add({
        sub: `auth0|${randomUUID().replaceAll('-', '').slice(0, 24)}`,
        email,
        name: name || email,
        password,
      });
    },
    federate: (sub: string, email: string, name: string) => add({ sub: `google-oauth2|${sub}`, email, name }),
    add,
  };
}
export type Accounts = ReturnType<typeof createAccounts>;
