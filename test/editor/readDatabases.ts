/** Runs in a page of the editor: all that is in its databases (IndexedDB), as JSON. */
export const readDatabases = `
(async () => {
  const done = request =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const objects = database.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([done(objects.getAllKeys()), done(objects.getAll())]);
      found[name + '/' + store] = Object.fromEntries(
        keys.map((key, at) => [JSON.stringify(key), values[at]]),
      );
    }
    database.close();
  }
  return JSON.stringify(found);
})();
`;
