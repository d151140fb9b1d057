// One linked account: its names, switching to another one, and unlinking.

import { $, busy, fail, show } from "./screens.js";
import { explain, t } from "./texts.js";
import * as bio from "./bio.js";
import * as protocol from "./protocol.js";
import * as store from "./store.js";

let current = null;
let links = [];
let result = null;
let gone = null;

export function setUp(onResult, onGone) {
  result = onResult;
  gone = onGone;
  $("account-choice").addEventListener("change", () => open(links[$("account-choice").selectedIndex], links));
  $("account-unlink").addEventListener("click", askUnlink);
  $("unlink-yes").addEventListener("click", unlink);
  for (const b of document.querySelectorAll("[data-account]")) b.addEventListener("click", () => open(current, links));
}

export const chosen = () => current;

export function open(link, all) {
  [current, links] = [link, all];
  $("account-switch").hidden = links.length < 2;
  $("account-choice").replaceChildren(...links.map((l) => new Option(l.account.email, l.deviceId, false, l === link)));
  render();
  show("account", links.length < 2 ? undefined : document.activeElement === $("account-choice") ? $("account-choice") : undefined);
}

export function render() {
  if (!current) return;
  $("account-name").textContent = current.account.name;
  $("account-email").textContent = current.account.email;
  $("account-device").textContent = current.name;
  $("account-host").textContent = new URL(protocol.issuer).host;
  $("account-status").textContent = t(`app.status.${current.status}`);
  const over = current.status !== "active";
  $("account-over").textContent = over ? t(`app.status.${current.status}_text`) : "";
  $("account-over").hidden = !over;
  $("account-care").hidden = over;
  $("account-bio").hidden = !bio.canSwitch(current);
  $("account-bio").textContent = t(current.bio ? "app.bio.off" : "app.bio.on");
}

function askUnlink() {
  $("unlink-text").textContent = t("app.unlink.text", current.account.email);
  fail("unlink-error", "");
  show("unlink");
}

// remove makes server and phone forget a link; one that the server forgot first is no failure.
export async function remove(link) {
  try {
    await protocol.unlink(link);
  } catch (err) {
    if (err.code !== "phone.device_unknown") throw err;
  }
  await store.dropLink(link.deviceId);
  await store.dropAnswers(link.deviceId);
  gone(link);
}

async function unlink() {
  try {
    await busy($("unlink"), () => remove(current));
  } catch (err) {
    return fail("unlink-error", explain(err));
  }
  current = null;
  result("approved", t("app.unlink.done"), "");
}
