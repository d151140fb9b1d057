// The watch for requests while the app is open: one call for all accounts, which the server
// answers as soon as there is another request than those that are shown.

import { shown } from "./screens.js";
import * as protocol from "./protocol.js";

let under = null; // AbortController of the look under way
let asked = false; // the person wants an answer now

export const wake = () => under?.abort();

export function askNow() {
  asked = true;
  wake();
}

const pause = (ms, signal) =>
  new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });

// look gives how each account stands. An account that leads the call and is over says so by a
// failure; the next look does without it.
async function look(links, known, wait, signal) {
  try {
    return (await protocol.watch(links, known, wait, signal)).accounts;
  } catch (err) {
    const status = { "phone.device_unknown": "deleted", "phone.device_disabled": "disabled" }[err.code];
    if (!status) throw err;
    return [{ device_id: links[0].deviceId, status, requests: [] }];
  }
}

// listening says whether a request may come to the screen now: not while something is typed or
// told.
export const listening = () => shown() === "home" || shown() === "account";

// keep looks as long as the app is open, visible and listening. state gives {links, known};
// heard gets what came and whether it was asked for, failed a failure.
export async function keep(state, heard, failed) {
  document.addEventListener("visibilitychange", wake);
  for (;;) {
    under = new AbortController();
    const { signal } = under;
    const { links, known } = state();
    if (document.hidden || !listening() || links.length === 0) {
      await pause(1000, signal);
      continue;
    }
    const mine = asked;
    try {
      const accounts = await look(links, known, mine ? 0 : 20, signal);
      if (mine) asked = false;
      if (listening()) await heard(accounts, mine);
    } catch (err) {
      if (signal.aborted) continue;
      asked = false;
      if (shown() === "home") failed(err);
      await pause(4000, signal);
    }
  }
}
