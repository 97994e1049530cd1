/** The working directory; undefined where it has been removed while somebody stands in it. */
export function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
