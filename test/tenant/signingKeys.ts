import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Jwk = Record<string, unknown>;

const directory = join(import.meta.dirname, '..', '..', '.cache', 'signing-keys');
let taken = 0;

/** A key that nobody has seen before. */
export function newSigningKey(kid: string): Jwk {
  return named(generate(), kid);
}

/**
 * A key for a tenant that starts. Making one takes a tenth of a second of a processor, and hundreds of tenants start in
 * a run: the first of a process has the same key in each, and so on. No two in one process have the same. A user who may
 * not write there, or read what another one has written, gets a new one each time.
 */
export function keptSigningKey(kid: string): Jwk {
  const file = join(directory, `${String(++taken)}.json`);
  try {
    return named(JSON.parse(readFileSync(file, 'utf8')) as Jwk, kid);
  } catch {
    const key = generate();
    try {
      keep(key, file);
    } catch {
      // It is as good as one that is kept.
    }
    return named(key, kid);
  }
}

function keep(key: Jwk, file: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Another process may read it meanwhile.
  const fresh = `${file}.${randomUUID()}`;
  writeFileSync(fresh, JSON.stringify(key), { mode: 0o600 });
  renameSync(fresh, file);
}

function generate(): Jwk {
  return { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }) };
}

const named = (key: Jwk, kid: string): Jwk => ({ ...key, kid, use: 'sig', alg: 'RS256' });
