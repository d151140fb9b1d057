// Initialising the phone: scan or paste the code, confirm with the PIN.

import { $, busy, fail, onLeave, show } from "./screens.js";
import { explain, t } from "./texts.js";
import * as offline from "./offline.js";
import * as protocol from "./protocol.js";
import * as scanner from "./scan.js";
import * as store from "./store.js";

let code = null;
let finish = null; // what to do with a new link
let sign = null; // what to do with the code of a sign-in

export function setUp(onDone, onSign) {
  finish = onDone;
  sign = onSign;
  onLeave("scan", scanner.stop);
  $("paste-form").addEventListener("submit", (event) => {
    event.preventDefault();
    take($("code").value);
  });
  $("confirm-form").addEventListener("submit", (event) => {
    event.preventDefault();
    confirm($("confirm-pin").value);
  });
}

// say names what is scanned; the camera takes either kind of code all the same.
function say(kind) {
  for (const [id, key] of Object.entries(kind === "sign" ? { "scan-title": "app.scan.sign_title", "scan-text": "app.scan.sign_text" } : { "scan-title": "app.scan.title", "scan-text": "app.scan.text" })) {
    $(id).dataset.t = key;
    $(id).textContent = t(key);
  }
}

export async function openScan(kind) {
  say(kind);
  show("scan");
  fail("scan-error", "");
  $("code").value = "";
  $("scan-status").textContent = t("app.scan.looking");
  $("viewfinder").hidden = false;
  try {
    await scanner.start($("video"), (text) => take(text));
  } catch {
    $("viewfinder").hidden = true;
    $("scan-status").textContent = t("app.scan.no_camera");
    $("paste").open = true;
  }
}

// take accepts the text of a code and goes on to the PIN, or says what is wrong with it. For
// the code of a sign-in the answer is a promise.
export function take(text) {
  const signing = offline.readCode(text);
  if (signing?.issuer === protocol.issuer) return sign(signing);
  const read = protocol.readCode(text) ?? signing;
  if (!read || read.issuer !== protocol.issuer) {
    fail("scan-error", read ? t("app.error.other_issuer", read.issuer) : t("app.error.not_a_code"));
    return false;
  }
  code = read;
  $("confirm-text").textContent = t("app.confirm.text", new URL(read.issuer).host);
  $("confirm-pin").value = "";
  fail("confirm-error", "");
  show("confirm", $("confirm-pin"));
  return true;
}

async function keysFor(id) {
  try {
    const kept = await store.pending(id);
    if (kept) return kept.keys;
    const keys = await protocol.makeKeys();
    await store.dropPending();
    await store.savePending(id, keys); // before it is used: the answer may get lost
    return keys;
  } catch {
    throw { text: t("app.error.storage") };
  }
}

async function confirm(pin) {
  if (!/^\d{4,6}$/.test(pin)) {
    fail("confirm-error", t("app.pin.missing"), $("confirm-pin"));
    return;
  }
  let link, device;
  try {
    link = await busy($("confirm-form"), async () => {
      const keys = await keysFor(code.id);
      device = await protocol.enrol(keys, code, pin, system());
      const made = { deviceId: device.device_id, keys, name: device.name, account: device.account, status: "active", ...(await offline.keep(device)) };
      await store.saveLink(made);
      await store.dropPending();
      return made;
    });
  } catch (err) {
    $("confirm-pin").value = "";
    fail("confirm-error", explain(err), $("confirm-pin"));
    return;
  }
  navigator.storage?.persist?.();
  finish(link, device.push_key);
}

// system names this phone in a few words, for the list on the computer.
function system() {
  const agent = navigator.userAgent;
  const of = (pairs) => pairs.find(([mark]) => agent.includes(mark))?.[1];
  const on = of([["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]]);
  const by = of([["Edg/", "Edge"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]]);
  return [on, by].filter(Boolean).join(" · ");
}
