import { signInByForm } from '../tenant/browserless.ts';
import { listenOnLoopback } from '../tenant/loopback.ts';
import { sdkConnections } from './sdkConnections.ts';
import { providerOf, type Keeper } from './sdkProvider.ts';
import { knownFrom, registeredId, type TeamClient } from './teamClient.ts';

const callback = (port: number) => `http://localhost:${String(port)}/callback`;

/** What a program keeps between its starts, by its home. */
const kept = new Map<string, Keeper>();

function sdkClient(name: string, open: (typeof sdkConnections)[string]): TeamClient {
  const document = `https://sdk.example/${name.replaceAll(' ', '-')}.json`;
  return {
    name,
    ways: ['dynamic', 'document', 'registered'],
    callback,
    document,
    async whoAmI({ url: address, way, port, home, person, tool = 'whoami' }) {
      const keeper = kept.get(home) ?? {};
      kept.set(home, keeper);
      let cameBack: URL | undefined;
      const provider = providerOf(keeper, {
        callback: callback(port),
        ...(way === 'document' && { document }),
        ...(way === 'registered' && { clientId: registeredId }),
        async openBrowser(url) {
          cameBack = new URL((await signInByForm(url.href, person)).url);
        },
      });
      const url = new URL(address);
      const browserComesBack = await listenOnLoopback(port);
      browserComesBack.serve((_request, response) => response.end('You are signed in.'));
      try {
        let connection = open(url, provider);
        if (!keeper.tokens) {
          const refused: unknown = await connection.connect().catch((error: unknown) => error);
          if (!cameBack) throw refused;
          await connection.finish(cameBack);
          connection = open(url, provider);
        }
        await connection.connect();
        const answer = await connection.client.callTool({ name: tool, arguments: {} });
        await connection.client.close();
        return knownFrom(answer);
      } finally {
        await browserComesBack.close();
      }
    },
  };
}

/** Programs that are made with the SDKs. */
export const sdkClients: readonly TeamClient[] = Object.entries(sdkConnections).map(([sdk, open]) =>
  sdkClient(`a client of ${sdk}`, open),
);
