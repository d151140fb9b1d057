// The page with the QR code asks each second whether the phone is initialised, and goes on
// by itself. It also copies the code's text.
const status = document.getElementById("wait-status");
const copy = document.getElementById("copy");

copy.hidden = !navigator.clipboard;
copy.addEventListener("click", async () => {
  await navigator.clipboard.writeText(document.getElementById("code-text").textContent);
  document.getElementById("copy-status").textContent = copy.dataset.done;
});

async function waiting() {
  try {
    const answer = await fetch(status.dataset.state, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.redirected) return false; // the session has ended: the page itself leads to the sign-in
    if (answer.status >= 500) return true;
    return answer.ok && (await answer.json()).waiting;
  } catch {
    return true; // no network for a moment
  }
}

while (await waiting()) await new Promise((done) => setTimeout(done, 1000));
status.textContent = status.dataset.moving;
location.replace(status.dataset.next);
