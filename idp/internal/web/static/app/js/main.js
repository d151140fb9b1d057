// The phone app: what is started, and how its screens hang together.

import { $, show, shown } from "./screens.js";
import { demo, lang, loadTexts, t } from "./texts.js";
import * as account from "./account.js";
import * as enrol from "./enrol.js";
import * as here from "./here.js";
import * as home from "./home.js";
import * as inbox from "./inbox.js";
import * as sign from "./sign.js";

function showResult(mark, title, text) {
  $("result-mark").className = `mark ${mark}`;
  $("result-title").textContent = title;
  $("result-text").textContent = text;
  show("result");
}

function initialised(link) {
  home.add(link);
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
  if (shown() === "home") home.render();
  account.render();
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
await home.setUp();
if (!codeInAddress()) home.openHome();
navigator.serviceWorker?.register("/app/sw.js", { scope: "/app" });
