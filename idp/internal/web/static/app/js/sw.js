// The offline shell: the app opens without a network and says so. VERSION and FILES stand
// above this text when the server sends it. Calls of the API never come from the cache.

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(VERSION).then((cache) => cache.addAll(FILES.map((f) => new Request(f, { cache: "reload" })))).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((n) => n !== VERSION).map((n) => caches.delete(n)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/app/api/")) return;
  event.respondWith(
    fetch(event.request).catch(async () => (await caches.match(event.request, { cacheName: VERSION, ignoreSearch: true })) ?? Response.error()),
  );
});
