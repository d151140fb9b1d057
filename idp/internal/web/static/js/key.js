// The pages on which the browser talks to a security key, trusted platform or passkey, to add
// it or to sign in. What it says goes back with the page's form; the server alone decides.
import { create, get, supported } from "./webauthn.js";

const form = document.getElementById("key-form");
const start = document.getElementById("key-start");
const status = document.getElementById("key-status");
const problem = document.getElementById("key-problem");

async function ask() {
  if (start) start.hidden = true;
  problem.hidden = true;
  status.textContent = status.dataset.waiting;
  try {
    const ceremony = form.dataset.ceremony === "create" ? create : get;
    form.elements.code.value = await ceremony(form.dataset.options);
    status.textContent = status.dataset.sending;
    form.submit();
  } catch (fault) {
    // NotAllowedError: cancelled, or too late. InvalidStateError: added before (WebAuthn §5.1.3).
    const what = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" }[fault.name] ?? "failed";
    status.textContent = "";
    problem.firstElementChild.textContent = status.dataset[what];
    problem.hidden = false;
    if (start) start.hidden = false;
  }
}

if (!supported()) {
  document.getElementById("key-unsupported").hidden = false;
} else if (form) {
  start?.addEventListener("click", ask);
  if ("auto" in form.dataset) await ask();
  else if (start) start.hidden = false;
}
