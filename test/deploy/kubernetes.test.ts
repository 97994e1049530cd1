import assert from 'node:assert/strict';
import { join } from 'node:path';
import ts from 'typescript';
import { readManifest, type Resource } from './kubernetes.ts';
import { rules } from './kubernetesRules.ts';

const root = join(import.meta.dirname, '..', '..');

/** Where `kubernetes-types`, which are made of Kubernetes' own OpenAPI, have each kind. */
const modules: Record<string, string> = {
  v1: 'core/v1',
  'apps/v1': 'apps/v1',
  'batch/v1': 'batch/v1',
  'policy/v1': 'policy/v1',
  'networking.k8s.io/v1': 'networking/v1',
};

/** What Kubernetes would not take of them: unknown and missing fields, and values of a wrong kind. */
function mistakesIn(resources: readonly Resource[]): string[] {
  const name = join(root, 'test', 'deploy', 'manifest.ts');
  const source = resources
    .map((resource, index) => {
      const module = modules[resource.apiVersion] ?? assert.fail(resource.apiVersion);
      const type = `import('kubernetes-types/${module}').${resource.kind}`;
      return `export const resource${String(index)}: ${type} = ${JSON.stringify(resource)};`;
    })
    .join('\n');
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    noLib: false,
    lib: ['lib.es2022.d.ts'],
    types: [],
    skipLibCheck: true,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = path => path === name || fileExists.call(host, path);
  host.readFile = path => (path === name ? source : readFile.call(host, path));
  host.getSourceFile = (path, ...rest) =>
    path === name ? ts.createSourceFile(path, source, rest[0]) : getSourceFile.call(host, path, ...rest);
  const program = ts.createProgram([name], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('deploy/kubernetes.yaml', () => {
  it('has no field that Kubernetes does not know, and none of a wrong kind', () => {
    assert.deepEqual(mistakesIn(readManifest()), []);
  });

  it('would be told where it had one', () => {
    const text = JSON.stringify(readManifest());
    const broken: [from: string, to: string, words: RegExp][] = [
      ['"maxSurge"', '"maxSurges"', /maxSurges"' does not exist/],
      [
        '"readOnlyRootFilesystem":true',
        '"readOnlyRootFilesystem":"yes"',
        /'string' is not assignable to type 'boolean \| undefined'/,
      ],
      [
        '"terminationGracePeriodSeconds":40',
        '"terminationGracePeriodSeconds":"40s"',
        /not assignable to type 'number'/,
      ],
      ['"kind":"Service"', '"kind":"Servce"', /has no exported member 'Servce'/],
    ];
    for (const [from, to, words] of broken) {
      assert.ok(text.includes(from), from);
      const mistakes = mistakesIn(JSON.parse(text.replace(from, to)) as Resource[]);
      assert.match(mistakes.join('\n'), words);
    }
  });

  for (const { says, check, breakIt } of rules) {
    it(`keeps to this rule: ${says}`, () => {
      check(readManifest());
      const broken = readManifest();
      breakIt(broken);
      assert.throws(() => {
        check(broken);
      }, assert.AssertionError);
    });
  }
});
