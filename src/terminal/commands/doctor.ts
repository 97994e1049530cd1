import { readEnvironment } from '../environment.ts';
import { exitCodes } from '../exitCodes.ts';
import { access } from './doctor/access.ts';
import { apis } from './doctor/apis.ts';
import { environmentFindings } from './doctor/environment.ts';
import { lineOf } from './doctor/finding.ts';
import { installation } from './doctor/installation.ts';
import { sessions } from './doctor/sessions.ts';
import { signIn } from './doctor/signIn.ts';
import { todos } from './doctor/todos.ts';
import { print } from './output.ts';

/** `omnispindle doctor`: checks what a sign-in needs. The exit code says whether all is well. */
export async function doctor(options: {
  organization?: string;
  envFile?: string;
  json?: boolean;
}): Promise<void> {
  const { organization, envFile, json } = options;
  const environment = await readEnvironment({ envFile, organization });
  // Before the others, which close what is open to others without a word.
  const directories = await access();
  const [needed, kept] = await Promise.all([signIn(environment), sessions()]);
  const findings = [
    ...(await environmentFindings(environment)),
    ...directories,
    ...needed,
    ...kept,
    ...(await apis(environment)),
    ...(await todos()),
    ...(await installation()),
  ];
  print(json, { ok: findings.every(finding => finding.ok), findings }, findings.map(lineOf).join('\n'));
  if (findings.some(finding => !finding.ok)) process.exitCode = exitCodes.failed;
}
