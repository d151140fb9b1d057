// A button that copies the text of a QR code, where the browser can.
const copy = document.getElementById("copy");

copy.hidden = !navigator.clipboard;
copy.addEventListener("click", async () => {
  await navigator.clipboard.writeText(document.getElementById("code-text").textContent);
  document.getElementById("copy-status").textContent = copy.dataset.done;
});
