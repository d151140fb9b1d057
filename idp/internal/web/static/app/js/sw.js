// The offline shell: the app opens without a network and says so. VERSION and FILES stand
// above this text when the server sends it. Calls of the API never come from the cache.

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(VERSION).then((cache) => cache.addAll(FILES.map((f) => new Request(f, { cache: "reload" })))).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((n) => n !== VERSION && n !== "app-lang").map((n) => caches.delete(n)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/app/api/")) return;
  event.respondWith(
    fetch(event.request).catch(async () => (await caches.match(event.request, { cacheName: VERSION, ignoreSearch: true })) ?? Response.error()),
  );
});

// A push says nothing but "look". The text is ours, in the language of the app.
self.addEventListener("push", (event) => event.waitUntil(announce()));

async function announce() {
  for (const page of await clients.matchAll({ type: "window" })) page.postMessage("look");
  const lang = (await (await caches.match("/app/lang", { cacheName: "app-lang" }))?.text()) ?? "en";
  const { texts } = await (await caches.match(`/app/texts.${lang}.json`, { cacheName: VERSION })).json();
  await self.registration.showNotification(texts["app.push.title"], {
    body: texts["app.push.text"], lang, tag: "signin", renotify: true, icon: "/app/icon-192.png",
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(clients.matchAll({ type: "window" }).then((pages) => (pages[0] ? pages[0].focus() : clients.openWindow("/app"))));
});
