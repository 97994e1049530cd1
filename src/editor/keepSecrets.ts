import type { SecretStore } from './secretStore.ts';

/**
 * Keeps secrets, and then writes the setting that refers to them: a server needs them when it starts.
 * @param values the secrets by their names, which nothing has yet
 * @param write writes the setting; where it cannot, none of the secrets is kept
 */
export async function keepSecrets(
  secrets: Pick<SecretStore, 'put' | 'remove'>,
  values: ReadonlyMap<string, string>,
  write: () => Promise<void>,
): Promise<void> {
  try {
    for (const [secret, value] of values) await secrets.put(secret, value);
    await write();
  } catch (error) {
    for (const secret of values.keys()) await secrets.remove(secret);
    throw error;
  }
}
