// Help on the page for a new password: other samples without losing what was typed, and a
// hint on what the rule still wants. The server alone decides.

const button = document.querySelector("[data-more-samples]");
const samples = document.querySelector("[data-samples]");

button?.addEventListener("click", async (event) => {
  event.preventDefault();
  try {
    const answer = await fetch("/password/samples", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const items = (await answer.json()).samples.map((text) => {
      const item = document.createElement("li");
      const code = document.createElement("code");
      code.textContent = text;
      item.append(code);
      return item;
    });
    samples.replaceChildren(...items);
  } catch {
    button.form.submit(); // the way without scripts
  }
});

const form = document.querySelector("[data-new-password]");
const hint = document.querySelector("[data-strength]");
const groups = [/[A-Z]/, /[a-z]/, /[0-9]/, /[!-/:-@[-`{-~]/];

form?.elements.password.addEventListener("input", (event) => {
  const typed = event.target.value.normalize("NFKC");
  const missing = [];
  if ([...typed].length < Number(form.dataset.min)) missing.push(hint.dataset.length);
  if (groups.filter((group) => group.test(typed)).length < Number(form.dataset.groups)) missing.push(hint.dataset.mix);
  hint.hidden = typed === "";
  hint.textContent = missing.length ? hint.dataset.missing + " " + missing.join(", ") : hint.dataset.good;
});
