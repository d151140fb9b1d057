// One screen is visible at a time; a change of screen moves the focus to its heading.

export const $ = (id) => document.getElementById(id);

export function element(tag, className, text) {
  const el = document.createElement(tag);
  if (className) el.className = className;
  if (text) el.textContent = text;
  return el;
}

let current = "";
const leaving = {};

export const shown = () => current;

// onLeave runs when a screen is left, for example to switch the camera off.
export function onLeave(name, run) {
  leaving[name] = run;
}

export function show(name, focus) {
  if (current && current !== name) leaving[current]?.();
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== name;
  current = name;
  scrollTo(0, 0);
  (focus ?? document.querySelector(`#${name} h1`)).focus({ preventScroll: true });
}

// fail shows an error below a form and marks the fields that it is about.
export function fail(id, text, ...fields) {
  const el = $(id);
  if (el.textContent !== text) el.textContent = text; // the same error again is not read out again
  el.hidden = !text;
  for (const input of el.closest("section").querySelectorAll("input")) input.removeAttribute("aria-invalid");
  for (const field of fields) field.setAttribute("aria-invalid", "true");
  fields[0]?.focus();
}

// busy keeps a form from being sent twice.
export async function busy(container, work) {
  const buttons = [...container.querySelectorAll("button")];
  for (const b of buttons) b.disabled = true;
  container.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    for (const b of buttons) b.disabled = false;
    container.removeAttribute("aria-busy");
  }
}
