import { createHash } from 'node:crypto';
import type { ServerDefinition } from './serverDefinition.ts';

/**
 * A definition as the environment has it: editors and agents fill in what looks like a variable, `${…}` or `$NAME`, in
 * what they are given, and this has no such sign in it.
 */
export function writeDefinition(definition: ServerDefinition): string {
  return Buffer.from(JSON.stringify(definition)).toString('base64url');
}

/** By which a window sees whether a server was started by what it says now. */
export function hashOfDefinition(written: string): string {
  return createHash('sha256').update(written).digest('base64url');
}
