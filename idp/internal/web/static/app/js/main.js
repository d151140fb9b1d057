// The phone app: what is started, and how its screens hang together.

import { $, fail, show, shown } from "./screens.js";
import { demo, lang, loadTexts, t } from "./texts.js";
import * as account from "./account.js";
import * as bio from "./bio.js";
import * as enrol from "./enrol.js";
import * as here from "./here.js";
import * as home from "./home.js";
import * as inbox from "./inbox.js";
import * as pin from "./pin.js";
import * as sign from "./sign.js";
import * as watch from "./watch.js";

function showResult(mark, title, text) {
  $("result-mark").className = `mark ${mark}`;
  $("result-title").textContent = title;
  $("result-text").textContent = text;
  show("result");
}

// A phone that was initialised anew for an account gives the device up that it was before.
async function initialised(link, pushKey) {
  const former = home.all().filter((l) => l.deviceId !== link.deviceId && l.account.tag === link.account.tag);
  home.add(link, pushKey);
  for (const old of former) await account.remove(old).catch(() => {}); // no network: it can be unlinked later
  showResult("approved", t("app.done.title"), t("app.done.text", link.account.name, link.account.email));
}

// A code may come as this page's own address, when the phone's camera app read it. It leaves
// the address bar at once.
function codeInAddress() {
  const { href, hash } = location;
  if (!hash.startsWith("#enrol.") && !hash.startsWith("#sign.") && !here.asked(hash)) return false;
  history.replaceState(null, "", "/app");
  if (here.asked(hash)) here.take(hash);
  else if (!enrol.take(href) || hash.startsWith("#sign.")) show("scan");
  return true;
}

for (const button of document.querySelectorAll("[data-go]")) {
  button.addEventListener("click", () => (button.dataset.go === "home" ? home.openHome() : enrol.openScan(button.dataset.go)));
}
$("language").addEventListener("change", async () => {
  await loadTexts($("language").value);
  for (const el of document.querySelectorAll("[role=alert]")) fail(el.id, ""); // they were in the other language
  if (shown() === "home") home.render();
  account.render();
  pin.render();
  bio.render();
  inbox.render();
  sign.render();
  here.render();
});
addEventListener("hashchange", codeInAddress);

await loadTexts();
$("language").value = lang;
$("demo").hidden = !demo;
enrol.setUp(initialised, sign.take);
sign.setUp();
here.setUp(showResult, home.openHome);
inbox.setUp(showResult, home.settled);
account.setUp(showResult, home.drop);
pin.setUp(showResult);
await bio.setUp(showResult);
await home.setUp();
if (!codeInAddress()) home.openHome();
navigator.serviceWorker?.addEventListener("message", watch.wake);
navigator.serviceWorker?.register("/app/sw.js", { scope: "/app" });
