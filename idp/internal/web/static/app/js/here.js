// Signing in the browser of this phone. The server answers only the browser in which the
// sign-in began; what it gives for an approval goes straight back there.

import { $, busy, fail, onLeave, show, shown } from "./screens.js";
import { clock, explain, t } from "./texts.js";
import * as bio from "./bio.js";
import * as offline from "./offline.js";
import * as protocol from "./protocol.js";
import * as store from "./store.js";

const shape = /^#here\.([0-9a-hjkmnp-tv-z]{26})$/;

let found = []; // {link, request} of each account that may answer
let expiry = 0;
let result = null;

export function setUp(onResult, home) {
  result = onResult;
  onLeave("here", () => ($("here-pin").value = ""));
  $("here-choice").addEventListener("change", render);
  $("here-form").addEventListener("submit", (event) => {
    event.preventDefault();
    approveByPIN($("here-pin").value);
  });
  $("here-bio").addEventListener("click", approveByBiometrics);
  $("here-cancel").addEventListener("click", () => (history.length > 1 ? history.back() : home()));
}

const over = (text) => result("error", t("app.error.title"), text);
const chosen = () => found[$("here-choice").selectedIndex];

export const asked = (hash) => shape.test(hash);

// take looks which of the accounts may answer, and asks.
export async function take(hash) {
  const id = shape.exec(hash)[1];
  found = [];
  for (const link of (await store.links()).filter((l) => l.status === "active")) {
    try {
      found.push({ link, request: await protocol.here(link, id) });
    } catch (err) {
      if (!["phone.request_unknown", "phone.device_unknown", "phone.device_disabled"].includes(err.code)) return over(explain(err));
    }
  }
  if (found.length === 0) return over(t("app.here.none"));
  $("here-choice").replaceChildren(...found.map(({ link }) => new Option(link.account.email)));
  $("here-accounts").hidden = found.length === 1;
  render();
  fail("here-error", "");
  show("here", $("here-pin"));
  clearTimeout(expiry);
  const left = found[0].request.expires_at - protocol.now();
  expiry = setTimeout(() => shown() === "here" && over(explain({ code: "phone.request_expired" })), Math.max(0, left) * 1000);
}

export function render() {
  if (found.length === 0) return;
  const { link, request } = chosen();
  $("here-bio").hidden = !bio.canUnlock(link);
  $("here-host").textContent = new URL(protocol.issuer).host;
  $("here-service").textContent = request.service;
  $("here-account").textContent = link.account.email;
  $("here-browser").textContent = request.browser;
  $("here-address").textContent = request.address;
  $("here-time").textContent = t("app.request.until", clock(request.created_at), clock(request.expires_at));
}

function approveByPIN(pin) {
  if (!/^\d{4,6}$/.test(pin)) return fail("here-error", t("app.pin.missing"), $("here-pin"));
  const { link } = chosen();
  return approve({ pin }, () => link.offline || offline.renew(link, pin).catch(() => {})); // the next time will do
}

function approveByBiometrics() {
  const { link } = chosen();
  return approve({ biometrics: (statement) => bio.sign(link, statement) }, () => {});
}

async function approve(unlock, then) {
  const { link, request } = chosen();
  let back;
  try {
    back = (await busy($("here"), () => protocol.approveHere(link, request, unlock))).return;
    await then();
  } catch (err) {
    $("here-pin").value = "";
    if (err.code === "phone.biometrics_off") {
      await bio.forget(link);
      render();
    }
    const again = !err.code || err.status >= 500 || ["phone.pin_wrong", "phone.biometrics_wrong", "phone.biometrics_off"].includes(err.code);
    return again ? fail("here-error", bio.refusal(err), $("here-pin")) : over(explain(err));
  }
  if (!back.startsWith("/login?")) return over(explain({ code: "phone.message_invalid" }));
  result("approved", t("app.result.approved"), t("app.here.back"));
  location.replace(back); // the code in it stays in no history
}
