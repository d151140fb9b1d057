// Whether the phone app is initialised in this very browser; its accounts are in the
// browser's own store, which no server sees.
export async function appHere() {
  try {
    const store = await import("/app/js/store.js");
    return (await store.links()).some((link) => link.status === "active");
  } catch {
    return false; // no store, as in some private windows: no app either
  }
}
