/** Resolves when the client closes the pipes or asks the process to end. */
export function clientGone(): Promise<void> {
  return new Promise(resolve => {
    const over = () => {
      resolve();
    };
    process.stdin.once('end', over).once('close', over);
    process.stdout.on('error', over);
    process.once('SIGINT', over).once('SIGTERM', over);
  });
}
