// Answering the QR code of a sign-in, without a network.

import { $, busy, fail, onLeave, show, shown } from "./screens.js";
import { clock, t } from "./texts.js";
import * as offline from "./offline.js";
import * as protocol from "./protocol.js";
import * as store from "./store.js";

let open = null; // {link, code} on the screen
let expiry = 0;

export function setUp() {
  onLeave("offline", () => ($("offline-pin").value = ""));
  onLeave("onetime", forget);
  $("offline-form").addEventListener("submit", (event) => {
    event.preventDefault();
    answer($("offline-pin").value);
  });
}

// take goes on with a QR code, or says on the screen that scans why it cannot; and which.
export async function take(code) {
  const links = await store.links();
  const link = links.find((l) => l.status === "active" && l.tag === code.tag);
  const older = links.find((l) => l.status === "active" && !l.offline);
  let why = "";
  if (code.until <= protocol.now()) why = t("app.offline.over");
  else if (!link) why = older ? t("app.offline.no_key", older.account.email) : t("app.offline.other_account");
  if (why) {
    fail("scan-error", why);
    return false;
  }
  open = { link, code };
  render();
  $("offline-pin").value = "";
  fail("offline-error", "");
  show("offline", $("offline-pin"));
  return true;
}

export function render() {
  if (!open) return;
  const { link, code } = open;
  $("offline-host").textContent = new URL(code.issuer).host;
  $("offline-service").textContent = code.service;
  $("offline-account").textContent = link.account.email;
  $("offline-browser").textContent = code.browser;
  $("offline-time").textContent = t("app.offline.until", clock(code.until));
  $("onetime-text").textContent = t("app.offline.code_text", clock(code.until));
}

async function answer(pin) {
  if (!/^\d{4,6}$/.test(pin)) return fail("offline-error", t("app.pin.missing"), $("offline-pin"));
  const left = open.code.until - protocol.now();
  if (left <= 0) return fail("offline-error", t("app.offline.over"));
  const code = await busy($("offline"), () => offline.answer(open.link, open.code, pin));
  $("onetime-code").textContent = `${code.slice(0, 4)} ${code.slice(4)}`;
  show("onetime");
  expiry = setTimeout(() => shown() === "onetime" && $("onetime-done").click(), left * 1000);
}

// forget leaves no code behind: with one, and the phone, PINs could be tried out.
function forget() {
  clearTimeout(expiry);
  $("onetime-code").textContent = "";
  open = null;
}
