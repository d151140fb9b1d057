// The home screen: the linked accounts, and the watch for requests while the app is open.

import { $, busy, fail, show, shown } from "./screens.js";
import { clock, explain, t } from "./texts.js";
import { present } from "./inbox.js";
import * as protocol from "./protocol.js";
import * as store from "./store.js";

let links = [];
let watch = null; // AbortController of the look under way
let asked = false; // the person wants an answer now
let parting = null; // link on the unlink screen
let result = null;

export async function setUp(onResult) {
  result = onResult;
  links = await store.links();
  $("check").addEventListener("click", () => {
    asked = true;
    watch?.abort();
  });
  $("unlink-yes").addEventListener("click", unlink);
  document.addEventListener("visibilitychange", () => watch?.abort());
  keepWatch();
}

export const add = (link) => {
  links = [...links.filter((l) => l.deviceId !== link.deviceId), link];
  watch?.abort(); // the look under way does not know it
};

export function openHome() {
  if (links.length === 0) return show("start");
  render();
  show("home");
}

export function render() {
  const usable = links.some((l) => l.status === "active");
  $("home-title").textContent = t(usable ? "app.home.title" : "app.home.idle");
  $("home-status").textContent = t(usable ? "app.home.waiting" : "app.home.idle_text");
  $("check").hidden = !usable;
  $("sign").hidden = !usable;
  $("more").textContent = t(usable ? "app.home.more" : "app.start.initialise");
  $("accounts").replaceChildren(...links.map(row));
}

function element(tag, className, text) {
  const el = document.createElement(tag);
  if (className) el.className = className;
  if (text) el.textContent = text;
  return el;
}

function row(link) {
  const li = element("li");
  const who = element("div", "who");
  who.append(element("strong", "", link.account.name), element("span", "", link.account.email),
    element("span", "help", t("app.home.device", link.name)));
  if (link.status !== "active") who.append(element("span", "help bad", t(`app.status.${link.status}_text`)));
  const side = element("div", "side");
  side.append(element("span", `tag ${link.status}`, t(`app.status.${link.status}`)));
  const button = element("button", "plain small", t("app.unlink"));
  button.setAttribute("aria-label", t("app.unlink.which", link.account.email));
  button.addEventListener("click", () => askUnlink(link));
  side.append(button);
  li.append(who, side);
  return li;
}

function askUnlink(link) {
  parting = link;
  $("unlink-text").textContent = t("app.unlink.text", link.account.email);
  fail("unlink-error", "");
  show("unlink");
}

async function unlink() {
  try {
    await busy($("unlink"), async () => {
      try {
        await protocol.unlink(parting);
      } catch (err) {
        if (err.code !== "phone.device_unknown") throw err; // it is gone there already
      }
      await store.dropLink(parting.deviceId);
    });
  } catch (err) {
    return fail("unlink-error", explain(err));
  }
  links = links.filter((l) => l !== parting);
  result("approved", t("app.unlink.done"), "");
}

async function becomes(link, status) {
  link.status = status;
  await store.saveLink(link);
  if (shown() === "home") render();
}

// look asks for one account's requests and gives the first, if any.
async function look(link, wait, signal) {
  try {
    const found = await protocol.requests(link, wait, signal);
    return found.requests.map((request) => ({ link, request }));
  } catch (err) {
    if (err.code === "phone.device_unknown") await becomes(link, "deleted");
    else if (err.code === "phone.device_disabled") await becomes(link, "disabled");
    else throw err;
    return [];
  }
}

const pause = (ms, signal) =>
  new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });

// keepWatch looks as long as the app is open, visible and at home. Few accounts wait on the
// server for a request; many would use up the browser's connections and ask now and then.
async function keepWatch() {
  for (;;) {
    watch = new AbortController();
    const { signal } = watch;
    const active = links.filter((l) => l.status === "active");
    if (document.hidden || shown() !== "home" || active.length === 0) {
      await pause(1000, signal);
      continue;
    }
    const wait = asked || active.length > 2 ? 0 : 20;
    try {
      const found = (await Promise.all(active.map((l) => look(l, wait, signal)))).flat();
      if (shown() !== "home") continue;
      fail("home-error", "");
      if (found.length > 0) present(found[0].link, found[0].request);
      else if (asked) $("home-status").textContent = t("app.home.checked", clock(protocol.now()));
      asked = false;
      if (wait === 0) await pause(2000, signal);
    } catch (err) {
      if (signal.aborted) continue;
      if (shown() === "home") fail("home-error", explain(err));
      asked = false;
      await pause(4000, signal);
    }
  }
}
