/**
 * Whether JSON has more levels than that. By its characters: what is too deep must not be parsed before, because what
 * walks it goes down by one more call for each.
 */
export function isDeeper(text: string, levels: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        i = endOfString(text, i);
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > levels) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
    }
  }
  return false;
}

/**
 * Whether JSON has more values than that, but for the first of each list and object. By its characters, too: a check by a
 * schema takes twenty times as long for each as to read it.
 */
export function hasMoreValues(text: string, values: number): boolean {
  // A value and its comma.
  if (text.length < 2 * values) return false;
  let commas = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) i = endOfString(text, i);
    else if (code === 0x2c && ++commas > values) return true;
  }
  return false;
}

/** Where the text that begins there ends. */
function endOfString(text: string, from: number): number {
  for (let i = from + 1; ; i++) {
    i = text.indexOf('"', i);
    if (i < 0) return text.length;
    let before = i;
    while (text.charCodeAt(before - 1) === 0x5c) before--;
    if ((i - before) % 2 === 0) return i;
  }
}
