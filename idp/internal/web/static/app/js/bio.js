// Biometrics in place of the PIN: the phone's own authenticator (Web Authentication), see
// idp/docs/app-protocol.md §11.

import { $, busy, fail, onLeave, show } from "./screens.js";
import { explain, t } from "./texts.js";
import * as account from "./account.js";
import * as offline from "./offline.js";
import * as protocol from "./protocol.js";
import * as store from "./store.js";

let result = null;
let able = false; // this browser and this phone can

export async function setUp(onResult) {
  result = onResult;
  onLeave("bio", () => $("bio-form").reset());
  $("account-bio").addEventListener("click", () => {
    $("bio-account").textContent = account.chosen().account.email;
    render();
    fail("bio-error", "");
    show("bio", $("bio-pin"));
  });
  $("bio-form").addEventListener("submit", (event) => {
    event.preventDefault();
    change($("bio-pin").value);
  });
  const known = window.PublicKeyCredential;
  able = Boolean(known?.parseCreationOptionsFromJSON && (await known.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false)));
}

export const canSwitch = (link) => able || Boolean(link.bio);

// canUnlock says whether a request can be answered by biometrics.
export const canUnlock = (link) => able && Boolean(link.bio);

export function render() {
  const link = account.chosen();
  if (!link) return;
  const on = Boolean(link.bio);
  $("bio-title").textContent = t(on ? "app.bio.off" : "app.bio.on");
  $("bio-text").textContent = t(on ? "app.bio.off_text" : "app.bio.on_text");
  $("bio-submit").textContent = t(on ? "app.bio.off" : "app.bio.on");
}

async function change(pin) {
  if (!/^\d{4,6}$/.test(pin)) return fail("bio-error", t("app.pin.missing"), $("bio-pin"));
  const link = account.chosen();
  const on = !link.bio;
  try {
    await busy($("bio"), () => (on ? switchOn(link, pin) : switchOff(link, pin)));
    if (!link.offline) offline.renew(link, pin).catch(() => {}); // the next time will do
  } catch (err) {
    $("bio-pin").value = "";
    return fail("bio-error", refusal(err), $("bio-pin"));
  }
  result("approved", t(on ? "app.bio.on_done" : "app.bio.off_done"), t("app.bio.mail"));
}

// refusal explains a failure; the browser's own say that the person cancelled, or took too long.
export const refusal = (err) => (err instanceof DOMException ? t("app.bio.cancelled") : explain(err));

async function switchOn(link, pin) {
  const { options } = await protocol.askBiometrics(link, pin);
  const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  await protocol.setBiometrics(link, made.toJSON());
  link.bio = made.id;
  await store.saveLink(link);
}

async function switchOff(link, pin) {
  await protocol.dropBiometrics(link, pin);
  await forget(link);
}

// forget notes that the server takes biometrics no more.
export async function forget(link) {
  delete link.bio;
  await store.saveLink(link);
}

// sign lets the authenticator sign the digest of a statement.
export async function sign(link, statement) {
  const challenge = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(statement));
  const shown = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON({
      challenge: protocol.base64url(challenge), rpId: location.hostname, userVerification: "required", timeout: 60000, allowCredentials: [{ type: "public-key", id: link.bio, transports: ["internal"] }],
    }),
  });
  return shown.toJSON();
}
