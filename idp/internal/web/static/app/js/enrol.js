// Initialising the phone: scan or paste the code, confirm with the PIN.

import { $, busy, fail, onLeave, show } from "./screens.js";
import { explain, t } from "./texts.js";
import * as protocol from "./protocol.js";
import * as scanner from "./scan.js";
import * as store from "./store.js";

let code = null;
let finish = null; // what to do with a new link

export function setUp(onDone) {
  finish = onDone;
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

export async function openScan() {
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

// take accepts the text of a code and goes on to the PIN, or says what is wrong with it.
export function take(text) {
  const read = protocol.readCode(text);
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
  let link;
  try {
    link = await busy($("confirm-form"), async () => {
      const keys = await keysFor(code.id);
      const device = await protocol.enrol(keys, code, pin, system());
      const made = { deviceId: device.device_id, keys, name: device.name, account: device.account, status: "active" };
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
  finish(link);
}

// system names this phone in a few words, for the list on the computer.
function system() {
  const agent = navigator.userAgent;
  const of = (pairs) => pairs.find(([mark]) => agent.includes(mark))?.[1];
  const on = of([["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]]);
  const by = of([["Edg/", "Edge"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]]);
  return [on, by].filter(Boolean).join(" · ");
}
