// Another PIN for one account, and what to do about a forgotten one.

import { $, busy, fail, onLeave, show } from "./screens.js";
import { explain, t } from "./texts.js";
import * as account from "./account.js";
import * as offline from "./offline.js";
import * as protocol from "./protocol.js";

let result = null;

export function setUp(onResult) {
  result = onResult;
  onLeave("pin", () => $("pin-form").reset());
  $("account-pin").addEventListener("click", () => {
    $("pin-account").textContent = account.chosen().account.email;
    fail("pin-error", "");
    show("pin", $("pin-old"));
  });
  for (const b of document.querySelectorAll("[data-forgot]")) {
    b.addEventListener("click", () => {
      render();
      show("forgot");
    });
  }
  $("pin-form").addEventListener("submit", (event) => {
    event.preventDefault();
    change($("pin-old"), $("pin-new"), $("pin-again"));
  });
}

export const render = () => ($("forgot-one").textContent = t("app.forgot.one", new URL(protocol.issuer).host));

async function change(old, fresh, again) {
  if (!/^\d{4,6}$/.test(old.value)) return fail("pin-error", t("app.pin.missing"), old);
  if (!/^\d{4,6}$/.test(fresh.value)) return fail("pin-error", t("app.error.phone.pin_weak"), fresh);
  if (fresh.value !== again.value) return fail("pin-error", t("app.pin.differs"), again);
  const link = account.chosen();
  try {
    await busy($("pin"), () => offline.change(link, old.value, fresh.value));
  } catch (err) {
    if (!err.code) return fail("pin-error", t("app.pin.lost_answer"));
    const field = err.code === "phone.pin_weak" ? fresh : old;
    field.value = "";
    return fail("pin-error", explain(err), field);
  }
  result("approved", t("app.pin.done"), t("app.pin.done_text"));
}
