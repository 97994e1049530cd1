/** Whether a person may want another language than that of the texts in the code. Light: every start asks it. */
export function mayWantTranslation({ LANG, LANGUAGE, LC_ALL, LC_MESSAGES }: NodeJS.ProcessEnv): boolean {
  return [LC_ALL || LC_MESSAGES || LANG, LANGUAGE].some(
    name => name && !/^(?:C|en|POSIX)(?![a-z])/i.test(name),
  );
}
