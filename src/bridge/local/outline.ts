/** Longest string (bytes) that stays in an outline. */
const longestString = 64 * 1024;
const [quote, backslash, openObject, closeObject, openArray, closeArray] = Buffer.from('"\\{}[]');
/** The members whose own members stay, by how deep they are. */
const kept: readonly (readonly string[])[] = [[], ['"params"', '"error"'], ['"_meta"']];

/**
 * A JSON-RPC message as JSON with only what decides its way: lists and the rest of what is nested are empty, and so
 * are long strings. Costs no more memory than that, however long the message is.
 * @throws SyntaxError where what is nested has no end
 */
export function outline(json: Buffer): string {
  let text = '';
  let depth = 0;
  let last = '';
  for (let at = 0; at < json.length;) {
    const byte = json[at];
    if (byte === quote) {
      const end = endOfString(json, at);
      last = end - at > longestString ? '""' : json.toString('utf8', at, end);
      text += last;
      at = end;
    } else if (byte === openArray || (byte === openObject && depth > 0 && !kept[depth]?.includes(last))) {
      text += byte === openArray ? '[]' : '{}';
      at = endOfNested(json, at);
    } else {
      if (byte === openObject) depth++;
      if (byte === closeObject) depth--;
      text += String.fromCharCode(byte ?? 0);
      at++;
    }
  }
  return text;
}

/** The objects in a JSON array, each as it stands there. @throws SyntaxError where what is nested has no end */
export function objectsIn(array: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = array.indexOf('[') + 1; at < array.length;) {
    const byte = array[at];
    const isNested = byte === openObject || byte === openArray;
    const end = isNested ? endOfNested(array, at) : byte === quote ? endOfString(array, at) : at + 1;
    if (byte === openObject) found.push(array.subarray(at, end));
    at = end;
  }
  return found;
}

function endOfNested(json: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length;) {
    const byte = json[at];
    if (byte === quote) {
      at = endOfString(json, at);
      continue;
    }
    at++;
    if (byte === openObject || byte === openArray) depth++;
    else if ((byte === closeObject || byte === closeArray) && --depth === 0) return at;
  }
  throw new SyntaxError('What is nested has no end.');
}

function endOfString(json: Buffer, start: number): number {
  for (let at = start; (at = json.indexOf('"', at + 1)) > 0;) {
    let first = at;
    while (json[first - 1] === backslash) first--;
    if ((at - first) % 2 === 0) return at + 1;
  }
  throw new SyntaxError('A string has no end.');
}
