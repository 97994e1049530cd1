import { storeContract } from './contract/contract.ts';
import { memoryEngine } from './memoryEngine.ts';

storeContract('memory', () => Promise.resolve(memoryEngine()));
