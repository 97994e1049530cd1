const secretName =
  '(?:access_token|refresh_token|id_token|code|code_verifier|device_code|client_secret|password|authorization|AUTH0_TOKEN)';

const patterns: readonly [RegExp, string][] = [
  [/\beyJ[\w-]+\.[\w-]*(?:\.[\w-]*){0,3}/g, '[token]'],
  [/\b(Bearer\s+)[^\s"',;]+/gi, '$1[redacted]'],
  [new RegExp(`((?:^|[?&#\\s])${secretName}=)[^&#\\s"']+`, 'gi'), '$1[redacted]'],
  [new RegExp(`(["']${secretName}["']\\s*:\\s*["'])[^"']*`, 'gi'), '$1[redacted]'],
];

/** Masks what looks like a token, code or secret. A last line of defence for logs: nothing should need it. */
export function redact(text: string): string {
  return patterns.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);
}
