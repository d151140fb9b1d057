// Small help on top of pages that work without it.

// An error summary takes the focus, so that it is read and its links are next. The links stand
// in the order of the fields.
const summary = document.querySelector(".error-summary");
if (summary) {
  const target = (item) => document.getElementById(decodeURIComponent(item.firstElementChild.hash.slice(1)));
  const items = [...summary.querySelectorAll("li")].filter(target);
  items.sort((a, b) => (target(a).compareDocumentPosition(target(b)) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  summary.querySelector("ul").append(...items);
  summary.focus();
}

// A second press of a form's button must not send the form twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
}

// Coming back with the browser's button shows a page as it was left: let it send again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A password can be shown while it is typed.
const show = document.querySelector("[data-show-password]");
if (show) {
  show.hidden = false;
  show.addEventListener("change", () => {
    for (const id of show.dataset.showPassword.split(" ")) {
      const field = document.getElementById(id);
      if (field) field.type = show.querySelector("input").checked ? "text" : "password";
    }
  });
}
