import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freshBundle } from '../../bundle.ts';
import { notThere } from './strict.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const door = pathToFileURL(join(freshBundle(root), 'extension.js')).href;
const bundle = `${dirname(door)}/`;
const scheme = 'vscode-stand-in:';
const apis = new Map<string, Record<string, unknown>>();
const shelf = Symbol.for('omnispindle.test.vscode');
Object.assign(globalThis, { [shelf]: apis });

/** Every name that the module has, whether the stand-in has it or not. */
const names = [
  ...readFileSync(join(root, 'node_modules', '@types', 'vscode', 'index.d.ts'), 'utf8').matchAll(
    /^\t(?:export )?(?:abstract )?(?:namespace|class|enum|function|const) (\w+)/gm,
  ),
].flatMap(([, name = '']) => name);

// A window's modules listen for signals once; here are those of many windows.
process.setMaxListeners(0);

registerHooks({
  resolve(specifier, context, next) {
    const { search } = new URL(context.parentURL ?? 'file:///');
    const isOurs = context.parentURL?.startsWith(bundle) && search !== '';
    if (isOurs && specifier === 'vscode') return { url: scheme + search.slice(1), shortCircuit: true };
    const found = next(specifier, context);
    // Each start has all modules of its own, as each window has.
    return isOurs && found.url.startsWith(bundle) ? { ...found, url: found.url + search } : found;
  },
  load(url, context, next) {
    if (!url.startsWith(scheme)) return next(url, context);
    const id = url.slice(scheme.length);
    const exported = Object.keys(apis.get(id) ?? {});
    const source = `export const {${exported.join(',')}} = globalThis[Symbol.for('${String(shelf.description)}')].get('${id}');`;
    return { format: 'module', source, shortCircuit: true };
  },
});

/** What the bundle of the extension exports. */
export interface Door {
  activate(context: unknown): unknown;
  deactivate?(): unknown;
}

/**
 * Loads the built extension, with modules of its own, on that API.
 * @param api what `import * as vscode` gives; every other member that VS Code has throws
 * @param without the names that are not there at all
 */
export async function loadExtension(
  api: Readonly<Record<string, unknown>>,
  without: ReadonlySet<string>,
): Promise<Door> {
  const id = `window=${String(apis.size + 1)}`;
  const others = names.filter(name => !(name in api)).map(name => [name, notThere(`vscode.${name}`)]);
  const members = Object.entries({ ...(Object.fromEntries(others) as object), ...api });
  apis.set(id, Object.fromEntries(members.filter(([name]) => !without.has(name))));
  return (await import(`${door}?${id}`)) as Door;
}
