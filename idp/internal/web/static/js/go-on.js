// Goes on when every frame of the page has loaded, or after three seconds. Without scripts the
// link does it.

const link = document.querySelector("[data-go-on]");
const wait = setTimeout(go, 3000);
addEventListener("load", go); // comes after the frames

function go() {
  clearTimeout(wait);
  removeEventListener("load", go);
  location.replace(link.href);
}
