// What the phone remembers, in IndexedDB: a link for each account, the key of an
// initialisation whose answer has not come yet, and the last answers that were given. Private
// keys are kept as CryptoKey objects that cannot be exported.

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("eulogin-app", 2);
    request.onupgradeneeded = (event) => {
      const db = request.result;
      if (event.oldVersion < 1) {
        db.createObjectStore("links", { keyPath: "deviceId" });
        db.createObjectStore("pending", { keyPath: "id" });
      }
      if (event.oldVersion < 2) db.createObjectStore("answers", { keyPath: "id" });
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

const keptAnswers = 5;

// answers gives the last answers that this phone gave, newest first.
export const answers = async () => (await run("answers", "readonly", (s) => s.getAll())).sort((a, b) => b.at - a.at);

export async function saveAnswer(answer) {
  await run("answers", "readwrite", (s) => s.put(answer));
  for (const old of (await answers()).slice(keptAnswers)) await run("answers", "readwrite", (s) => s.delete(old.id));
}

// dropAnswers forgets what was answered for an account that leaves the phone.
export async function dropAnswers(deviceId) {
  for (const a of await answers()) if (a.deviceId === deviceId) await run("answers", "readwrite", (s) => s.delete(a.id));
}
