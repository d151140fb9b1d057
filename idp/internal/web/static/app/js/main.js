// The phone app: what is started, and how its screens hang together.

import { $, show, shown } from "./screens.js";
import { demo, lang, loadTexts, t } from "./texts.js";
import * as enrol from "./enrol.js";
import * as home from "./home.js";
import * as inbox from "./inbox.js";

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
  const text = location.href;
  if (!location.hash.startsWith("#enrol.")) return false;
  history.replaceState(null, "", "/app");
  if (!enrol.take(text)) show("scan");
  return true;
}

for (const button of document.querySelectorAll("[data-go]")) {
  button.addEventListener("click", () => (button.dataset.go === "scan" ? enrol.openScan() : home.openHome()));
}
$("language").addEventListener("change", async () => {
  await loadTexts($("language").value);
  if (shown() === "home") home.render();
  inbox.render();
});
addEventListener("hashchange", codeInAddress);

await loadTexts();
$("language").value = lang;
$("demo").hidden = !demo;
enrol.setUp(initialised);
inbox.setUp(showResult);
await home.setUp(showResult);
if (!codeInAddress()) home.openHome();
navigator.serviceWorker?.register("/app/sw.js", { scope: "/app" });
