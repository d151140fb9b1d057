// Counts down the seconds until a form may be sent again. Without scripts the form can be
// sent at any time, and the server says how long to wait.

const line = document.querySelector("[data-countdown]");
const button = line?.closest("form").querySelector("button");

if (line && button) {
  const end = Date.now() + Number(line.dataset.countdown) * 1000;
  button.disabled = true;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) {
      line.textContent = line.dataset.waiting.replace("%", String(left));
      setTimeout(tick, 500);
      return;
    }
    button.disabled = false;
    line.setAttribute("role", "status"); // announced once, when waiting is over
    line.textContent = line.dataset.over;
  };
  tick();
}
