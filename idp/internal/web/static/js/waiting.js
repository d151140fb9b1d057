// The waiting page asks each second whether the phone has answered, and goes on by itself.
const status = document.getElementById("wait-status");
const flow = encodeURIComponent(status.dataset.flow);

async function ask() {
  try {
    const answer = await fetch(`/login/wait?flow=${flow}`, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.ok && (await answer.json()).waiting) return true;
    if (answer.status >= 500) return true;
  } catch {
    return true; // no network for a moment
  }
  return false;
}

while (await ask()) await new Promise((done) => setTimeout(done, 1000));
status.textContent = status.dataset.gone;
location.replace(`/login?flow=${flow}`);
