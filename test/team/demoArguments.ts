/** What Node.js is given by `npm run demo -- --team`, in the checkout. */
export const demoArguments = ['test/demo.ts', '--team'];
