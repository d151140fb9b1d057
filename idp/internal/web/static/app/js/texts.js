// The texts of the app, from the server's catalogue, and the dates and times of the language.

let texts = {};
export let lang = "en";
export let demo = false;

const known = ["en", "fr", "de"];

function preferred() {
  const kept = localStorage.getItem("lang");
  if (known.includes(kept)) return kept;
  for (const tag of navigator.languages) {
    const base = tag.toLowerCase().split("-")[0];
    if (known.includes(base)) return base;
  }
  return known[0];
}

export async function loadTexts(wanted) {
  if (wanted) localStorage.setItem("lang", wanted);
  lang = preferred();
  const answer = await fetch(`/app/texts.${lang}.json`);
  const body = await answer.json();
  texts = body.texts;
  demo = body.demo;
  document.documentElement.lang = lang;
  globalThis.caches?.open("app-lang").then((c) => c.put("/app/lang", new Response(lang))).catch(() => {}); // for notifications
  for (const el of document.querySelectorAll("[data-t]")) el.textContent = t(el.dataset.t);
  for (const el of document.querySelectorAll("[data-t-label]")) el.setAttribute("aria-label", t(el.dataset.tLabel));
}

export const has = (key) => key in texts;

export function t(key, ...args) {
  return (texts[key] ?? key).replace(/\{(\d)\}/g, (_, i) => args[i] ?? "");
}

export const clock = (seconds) =>
  new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(seconds * 1000));

export const day = (seconds) =>
  new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(new Date(seconds * 1000));

// explain gives the text for a failure of any kind.
export function explain(err) {
  if (err?.text) return err.text;
  if (err?.code) {
    const key = `app.error.${err.code}`;
    if (has(key)) return t(key, err.tries_left);
    return err.status >= 500 ? t("app.error.unavailable") : t("app.error.other", err.code);
  }
  return t("app.error.offline");
}
