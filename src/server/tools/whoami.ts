import { z } from 'zod';
import { reads, tool } from '../tool.ts';

/** The tool that says as whom the tools run. */
export const tools = [
  tool({
    name: 'whoami',
    title: 'Who am I',
    description: 'Says as whom the tools run: the signed-in person.',
    input: {},
    output: {
      sub: z.string().describe("The person's identifier at the tenant."),
      account: z.string().describe('The account as people know it.'),
      name: z.string().optional(),
      email: z.string().optional(),
      scopes: z.array(z.string()),
    },
    annotations: reads,
    // An account with too few scopes can find that out by it.
    scope: undefined,
    run: async (_input, { caller: { sub, label, name, email, scopes } }) => ({
      sub,
      account: label ?? email ?? name ?? sub,
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email }),
      scopes: [...scopes],
    }),
  }),
];
