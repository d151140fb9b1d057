// What the phone remembers, in IndexedDB: a link for each account, and the key of an
// initialisation whose answer has not come yet. Private keys are kept as CryptoKey objects
// that cannot be exported.

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("eulogin-app", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("links", { keyPath: "deviceId" });
      request.result.createObjectStore("pending", { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run(store, mode, action) {
  const db = await open();
  try {
    return await new Promise((resolve, reject) => {
      const tx = db.transaction(store, mode);
      const request = action(tx.objectStore(store));
      tx.oncomplete = () => resolve(request.result);
      tx.onabort = () => reject(tx.error);
    });
  } finally {
    db.close();
  }
}

export const links = () => run("links", "readonly", (s) => s.getAll());
export const saveLink = (link) => run("links", "readwrite", (s) => s.put(link));
export const dropLink = (deviceId) => run("links", "readwrite", (s) => s.delete(deviceId));
export const pending = (id) => run("pending", "readonly", (s) => s.get(id));
export const savePending = (id, keys) => run("pending", "readwrite", (s) => s.put({ id, keys }));
export const dropPending = () => run("pending", "readwrite", (s) => s.clear());
