import { listsOfStore } from './lists.ts';
import { pagesOfStore } from './pages.ts';
import { recordsOfStore } from './records.ts';
import { rulesOfStore } from './rules.ts';
import { searchesOfStore } from './searches.ts';
import { useStore, type OpenEngine } from './setup.ts';
import { textsOfStore } from './texts.ts';

/** What every store does, whatever keeps its rows. */
export function storeContract(name: string, open: OpenEngine): void {
  describe(`the store in ${name}`, () => {
    const given = useStore(open);
    rulesOfStore(given);
    listsOfStore(given);
    pagesOfStore(given);
    searchesOfStore(given);
    recordsOfStore(given);
    textsOfStore(given);
  });
}
