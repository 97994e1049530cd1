/**
 * What the SDK's server takes from its runtime, without the JSON Schema validator (150 kB, and a tenth of the start)
 * that it loads for forms of an elicitation: we ask for none. The bundler puts it in the place of the SDK's own.
 */
export { default as process } from 'node:process';

/** In place of the SDK's validator, which is large and which no server needs that checks by zod. */
export class DefaultJsonSchemaValidator {
  /** @throws Error always */
  getValidator(): never {
    throw new Error('This server checks no JSON Schema.');
  }
}
