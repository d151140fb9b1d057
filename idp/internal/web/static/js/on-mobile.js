// The page that leads to the app in the same browser. The app comes back to it with a code in
// the fragment, which only the browser that began can use; another tab of it goes on too.
import { appHere } from "./app-here.js";

const status = document.getElementById("app-status");
const form = document.getElementById("app-answer");
const flow = encodeURIComponent(status.dataset.flow);

async function waiting() {
  try {
    const answer = await fetch(`/login/wait?flow=${flow}`, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.ok && (await answer.json()).waiting) return true;
    return answer.status >= 500;
  } catch {
    return true; // no network for a moment
  }
}

// take posts the code that an app has put into the fragment, if there is one.
function take() {
  const code = /^#code\.([0-9a-hjkmnp-tv-z]{26})$/.exec(location.hash)?.[1];
  if (!code) return false;
  history.replaceState(null, "", location.pathname + location.search); // it stays in no history
  status.textContent = status.dataset.moving;
  form.elements.code.value = code;
  form.submit();
  return true;
}

addEventListener("hashchange", take); // an app may open this very page again
if (!take()) {
  const here = await appHere();
  document.getElementById("app-here").hidden = !here;
  document.getElementById("app-missing").hidden = here;
  while (await waiting()) await new Promise((done) => setTimeout(done, 1000));
  status.textContent = status.dataset.moving;
  location.replace(`/login?flow=${flow}`);
}
