/** Resolves when the client closes the pipes or asks the process to end. */
export function clientGone(): Promise<void> {
  return new Promise(resolve => {
    const over = () => {
      resolve();
    };
    process.stdin.once('end', over).once('close', over);
    process.stdout.on('error', over);
    // Not `once`: signal-exit, which our locks bring along, kills a process that has no other listener left.
    process.on('SIGINT', over).on('SIGTERM', over);
  });
}
