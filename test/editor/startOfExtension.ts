import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What esbuild says of a file that it wrote. */
interface Output {
  readonly bytes: number;
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
}

/** What the extension loads before it runs. */
export interface Start {
  readonly files: number;
  readonly bytes: number;
  /** The sources that are in it, as paths from the root. */
  readonly sources: readonly string[];
}

/**
 * Reads from what esbuild wrote beside the bundle what the extension loads before it runs.
 * @param dist the bundle's directory
 */
export function startOfExtension(dist: string): Start {
  const { outputs } = JSON.parse(readFileSync(join(dist, 'metafile.json'), 'utf8')) as {
    outputs: Record<string, Output>;
  };
  const loaded = new Set(['dist/extension.js']);
  for (const path of loaded) {
    for (const { path: next, kind, external } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && !external) loaded.add(next);
    }
  }
  const found = [...loaded].map(path => outputs[path]).filter(output => output !== undefined);
  return {
    files: found.length,
    bytes: found.reduce((total, { bytes }) => total + bytes, 0),
    sources: found.flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([source, { bytesInOutput }]) => (bytesInOutput > 0 ? [source] : [])),
    ),
  };
}
