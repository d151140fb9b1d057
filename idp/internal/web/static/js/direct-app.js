// "On-Mobile authentication" is offered where the app is: in this very browser. Elsewhere the
// page says why it is not in the list.
import { appHere } from "./app-here.js";

const here = await appHere();
const button = document.querySelector("form.direct[data-method=on_mobile]");
if (button) button.hidden = !here;
const option = document.querySelector("select[name=method] option[value=on_mobile]");
const reason = document.getElementById("no-app-here");
if (option && reason && !here && option.parentElement.options.length > 1) {
  option.remove();
  reason.hidden = false;
}
