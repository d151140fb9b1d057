// A sign-in request on the screen, and the person's answer to it.

import { $, busy, fail, onLeave, show, shown } from "./screens.js";
import { clock, explain, t } from "./texts.js";
import * as bio from "./bio.js";
import * as offline from "./offline.js";
import * as protocol from "./protocol.js";
import * as store from "./store.js";

let open = null; // {link, request} on the screen
let expiry = 0;
let result = null;
let settled = null;

export function setUp(onResult, onSettled) {
  result = onResult;
  settled = onSettled;
  onLeave("request", () => $("request-form").reset()); // no PIN stays in a field
  $("request-form").addEventListener("submit", (event) => {
    event.preventDefault();
    approveByPIN();
  });
  $("request-bio").addEventListener("click", approveByBiometrics);
  $("deny").addEventListener("click", () => refuse("deny"));
  $("not-me").addEventListener("click", () => refuse("not_me"));
}

// present shows a request and takes the focus to it; a phone that can, buzzes.
export function present(link, request) {
  open = { link, request };
  render();
  $("request-form").reset();
  fail("request-error", "");
  show("request");
  navigator.vibrate?.(150);
  clearTimeout(expiry);
  expiry = setTimeout(() => over("phone.request_expired"), Math.max(0, request.expires_at - protocol.now()) * 1000);
}

export function render() {
  if (!open) return;
  const { link, request } = open;
  $("request-service").textContent = request.service;
  $("request-account").textContent = link.account.email;
  $("request-browser").textContent = request.browser;
  $("request-address").textContent = request.address;
  const away = protocol.away(request);
  $("request-away").hidden = !away;
  $("request-from-browser").hidden = $("request-from-address").hidden = away;
  $("request-number-label").textContent = t(away ? "app.request.number_away" : "app.request.number");
  $("request-number-help").textContent = t(away ? "app.request.number_away_help" : "app.request.number_help");
  $("request-bio").hidden = !bio.canUnlock(link);
  $("request-time").textContent = t("app.request.until", clock(request.created_at), clock(request.expires_at));
}

function over(code) {
  if (shown() === "request") finish("error", t("app.error.title"), explain({ code }));
}

function finish(mark, title, text) {
  clearTimeout(expiry);
  settled(open.request);
  open = null;
  result(mark, title, text);
}

function typedNumber() {
  const number = $("request-number").value.trim();
  if (/^\d{2}$/.test(number)) return number;
  fail("request-error", t(protocol.away(open.request) ? "app.request.number_away_missing" : "app.request.number_missing"), $("request-number"));
  return null;
}

async function approveByPIN() {
  const number = typedNumber();
  if (!number) return;
  const pin = $("request-pin").value;
  if (!/^\d{4,6}$/.test(pin)) return fail("request-error", t("app.pin.missing"), $("request-pin"));
  if (!(await approve(number, { pin }))) return;
  if (!open.link.offline) offline.renew(open.link, pin).catch(() => {}); // the next time will do
  finish("approved", t("app.result.approved"), t("app.result.approved_text"));
}

async function approveByBiometrics() {
  const number = typedNumber();
  if (!number) return;
  const { link } = open;
  if (!(await approve(number, { biometrics: (statement) => bio.sign(link, statement) }))) return;
  finish("approved", t("app.result.approved"), t("app.result.approved_text"));
}

async function approve(number, unlock) {
  try {
    await busy($("request"), () => protocol.approve(open.link, open.request, number, unlock));
  } catch (err) {
    refused(err);
    return false;
  }
  await remember("approve");
  return true;
}

async function refuse(decision) {
  try {
    await busy($("request"), () => protocol.refuse(open.link, open.request, decision));
  } catch (err) {
    return refused(err);
  }
  await remember(decision);
  const name = decision === "deny" ? "denied" : "reported";
  finish("denied", t(`app.result.${name}`), t(`app.result.${name}_text`));
}

// remember keeps the answer for the list of the last ones.
const remember = (decision) =>
  store.saveAnswer({ id: open.request.id, deviceId: open.link.deviceId, email: open.link.account.email, service: open.request.service, decision, at: protocol.now() });

// refused keeps a request on the screen that can be answered once more.
function refused(err) {
  if (!open) return; // it was over meanwhile
  const text = bio.refusal(err);
  if (err.code === "phone.pin_wrong") {
    $("request-pin").value = "";
    return fail("request-error", text, $("request-pin"));
  }
  if (err.code === "phone.number_wrong") {
    $("request-number").value = "";
    return fail("request-error", text, $("request-number"));
  }
  if (err.code === "phone.biometrics_off") {
    bio.forget(open.link);
    $("request-bio").hidden = true;
    return fail("request-error", text, $("request-pin"));
  }
  if (err.code === "phone.biometrics_wrong") return fail("request-error", text);
  if (!err.code || err.status >= 500) return fail("request-error", text);
  finish("error", t("app.error.title"), text);
}
