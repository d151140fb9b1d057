// On the page that asks for the e-mail address: browsers that can offer passkeys in the list of
// that field do so ("conditional mediation", WebAuthn §5.1.4). Nothing is shown to others.
import { get, supported } from "./webauthn.js";

const form = document.querySelector("form.direct[data-method=security_key]");
// A challenge is good for five minutes; the page may be open for longer.
const freshEvery = 4 * 60 * 1000;

let left = false; // the button was pressed: the browser is asked on the next page instead
let stop = new AbortController();

async function offer() {
  stop = new AbortController();
  const body = new URLSearchParams({ flow: form.elements.flow.value });
  const asked = await fetch("/login/passkey", { method: "POST", body, headers: { Accept: "application/json" } });
  if (!asked.ok || left) return;
  const renew = setTimeout(() => stop.abort(), freshEvery);
  try {
    form.elements.code.value = await get((await asked.json()).options, { mediation: "conditional", signal: stop.signal });
    if (!left) form.submit();
  } catch (fault) {
    if (left) return;
    if (stop.signal.aborted) await offer();
    else if (fault.name !== "NotAllowedError") console.warn("passkey", fault.name);
  } finally {
    clearTimeout(renew);
  }
}

if (form && supported() && (await PublicKeyCredential.isConditionalMediationAvailable?.())) {
  form.addEventListener("submit", () => {
    left = true;
    stop.abort();
  });
  await offer();
}
