// Being woken when the app is closed (Web Push, idp/docs/app-protocol.md §12). Only where the
// operator allows it; the open app hears by itself.

import { $, busy, fail, shown } from "./screens.js";
import { t } from "./texts.js";
import * as protocol from "./protocol.js";
import * as store from "./store.js";

let key = ""; // what to subscribe with; "": the operator wakes nobody
let links = null; // gives the links that can be used
let on = false;

const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

export function setUp(active) {
  links = active;
  $("notify").addEventListener("click", change);
}

export function render() {
  $("notify").hidden = !able || !key || links().length === 0;
  $("notify").textContent = t(on ? "app.push.off" : "app.push.on");
}

const subscription = async () => (await navigator.serviceWorker.getRegistration("/app"))?.pushManager.getSubscription();

// sync tells the server where each account's phone is woken, if it does not know it yet.
export async function sync(offered) {
  key = offered ?? key;
  if (!able || !key) return;
  const found = await subscription();
  on = Boolean(found);
  for (const link of links().filter((l) => l.push !== found?.endpoint)) {
    await protocol.subscribe(link, found?.toJSON());
    link.push = found?.endpoint;
    await store.saveLink(link);
  }
  if (shown() === "home") render();
}

async function change() {
  fail("home-error", "");
  try {
    await busy($("home"), on ? switchOff : switchOn);
    await sync();
  } catch {
    fail("home-error", t(Notification.permission === "denied" ? "app.push.denied" : "app.push.failed"));
  }
  render();
}

async function switchOn() {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("not allowed");
  const worker = await navigator.serviceWorker.ready;
  await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function switchOff() {
  await (await subscription())?.unsubscribe();
}

// stop ends the subscription when no account is left that it is for.
export async function stop() {
  if (able && links().length === 0) await switchOff();
}
