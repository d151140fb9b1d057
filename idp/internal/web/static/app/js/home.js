// The home screen: sign-ins that wait, for all accounts of this phone, the linked accounts,
// and what was answered last.

import { $, element, fail, show, shown } from "./screens.js";
import { clock, day, explain, t } from "./texts.js";
import * as account from "./account.js";
import * as inbox from "./inbox.js";
import * as protocol from "./protocol.js";
import * as push from "./push.js";
import * as store from "./store.js";
import * as watch from "./watch.js";

let links = [];
let open = []; // {link, request} that wait
let known = []; // ids of those, as the server told them last
const presented = new Set(); // requests that came to the screen by themselves once
let checked = 0; // when the person looked and found nothing

export async function setUp() {
  links = await store.links();
  push.setUp(active);
  $("check").addEventListener("click", watch.askNow);
  watch.keep(
    () => ({ links: active(), known }),
    heard,
    (err) => fail("home-error", explain(err)),
  );
  refresh();
}

const active = () => links.filter((l) => l.status === "active");

// refresh learns what changed on the server: names, and whether the phone is still linked.
async function refresh() {
  for (const link of active()) {
    try {
      const device = await protocol.device(link);
      Object.assign(link, { name: device.name, account: device.account });
      if (!device.biometrics) delete link.bio; // switched off by wrong answers
      await become(link, device.status);
      await push.sync(device.push_key ?? "");
    } catch (err) {
      if (err.code === "phone.device_unknown") await become(link, "deleted");
    }
  }
}

export const add = (link, pushKey) => {
  links = [...links.filter((l) => l.deviceId !== link.deviceId), link];
  watch.wake(); // the look under way does not know it
  push.sync(pushKey).catch(() => {}); // the next start will do
};

export const drop = (link) => {
  links = links.filter((l) => l.deviceId !== link.deviceId);
  open = open.filter((o) => o.link.deviceId !== link.deviceId);
  render(); // before it is shown again
  push.stop().catch(() => {}); // nobody is woken for a link that is gone
  watch.wake();
};

export const all = () => links;

export function openHome() {
  if (links.length === 0) return show("start");
  render();
  show("home");
  watch.wake();
}

export function render() {
  const usable = active().length > 0;
  open = open.filter((o) => o.request.expires_at > protocol.now());
  $("home-title").textContent = t(usable ? "app.home.title" : "app.home.idle");
  const status = checked ? t("app.home.checked", clock(checked)) : t("app.home.waiting");
  $("home-status").textContent = usable ? (open.length > 0 ? t("app.home.open") : status) : t("app.home.idle_text");
  $("check").hidden = !usable;
  $("sign").hidden = !usable;
  push.render();
  $("more").textContent = t(usable ? "app.home.more" : "app.start.initialise");
  $("open").replaceChildren(...open.map(waiting));
  $("accounts").replaceChildren(...links.map(row));
  renderRecent();
}

async function renderRecent() {
  const answers = await store.answers();
  $("recent-title").hidden = answers.length === 0;
  $("recent").replaceChildren(...answers.map(answered));
}

function item(button, ...lines) {
  const li = element("li");
  const box = element(button ? "button" : "div", "entry");
  box.append(...lines);
  if (button) box.addEventListener("click", button);
  li.append(box);
  return li;
}

function waiting({ link, request }) {
  const li = item(() => inbox.present(link, request), element("strong", "", request.service), element("span", "", link.account.email),
    element("span", "help", `${protocol.away(request) ? t("app.request.away_short") : request.browser} · ${t("app.request.until", clock(request.created_at), clock(request.expires_at))}`));
  li.className = "waiting";
  return li;
}

function row(link) {
  const li = item(() => account.open(link, links), element("strong", "", link.account.name), element("span", "", link.account.email),
    element("span", "help", t("app.home.device", link.name)));
  li.firstChild.append(element("span", `tag ${link.status}`, t(`app.status.${link.status}`)));
  return li;
}

function answered(a) {
  return item(null, element("strong", "", a.service), element("span", "", a.email),
    element("span", "help", `${t(`app.recent.${a.decision}`)} · ${day(a.at)}`));
}

async function become(link, status) {
  link.status = status;
  if (!links.includes(link)) return; // unlinked meanwhile
  await store.saveLink(link);
  if (shown() === "home") render();
}

// heard takes how the accounts stand. A request comes to the screen by itself once; after
// that it waits in the list.
async function heard(accounts, asked) {
  open = [];
  for (const one of accounts) {
    const link = links.find((l) => l.deviceId === one.device_id);
    if (!link) continue;
    if (one.status !== "active") await become(link, one.status);
    open.push(...one.requests.map((request) => ({ link, request })));
  }
  known = open.map((o) => o.request.id);
  checked = asked && open.length === 0 ? protocol.now() : 0;
  fail("home-error", "");
  render();
  const fresh = open.find((o) => !presented.has(o.request.id));
  if (!fresh || !watch.listening()) return;
  presented.add(fresh.request.id);
  inbox.present(fresh.link, fresh.request);
}

// settled takes a request from the list that was answered or is over.
export function settled(request) {
  open = open.filter((o) => o.request.id !== request.id);
}
