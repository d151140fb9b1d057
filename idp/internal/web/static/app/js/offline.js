// Codes without a network: idp/docs/app-protocol.md §9. The key is shared with the server and
// kept as a CryptoKey that cannot be exported. Nothing here can tell a wrong PIN, on purpose.

import * as protocol from "./protocol.js";
import * as store from "./store.js";

const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true });
const shape = /^(https?:\/\/[^/?#]+)\/app#sign\.([0-9a-hjkmnp-tv-z]{26})\.([\w-]{16})\.(0|[1-9]\d{0,14})\.([\w-]{0,800})\.([\w-]{0,800})$/;

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

export const importKey = (raw) => crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

// keep gives the part of a link that offline codes need, of what the server said.
export async function keep(answer) {
  if (!answer.offline_key) return {};
  return { offline: await importKey(bytes(answer.offline_key)), tag: answer.tag ?? answer.account.tag };
}

// renew gets a new key, against the PIN: after a change of PIN, and for older links.
export async function renew(link, pin) {
  Object.assign(link, await keep(await protocol.renewOffline(link, pin)));
  await store.saveLink(link);
}

// change replaces the PIN. The key that goes with the old one is dropped first: when the answer
// gets lost, the next approval brings a new one.
export async function change(link, old, fresh) {
  const former = link.offline;
  delete link.offline;
  await store.saveLink(link);
  try {
    Object.assign(link, await keep(await protocol.changePIN(link, old, fresh)));
  } catch (err) {
    if (err.code && err.status < 500) link.offline = former; // refused: nothing was changed
    throw err;
  } finally {
    await store.saveLink(link);
  }
}

// readCode takes the text of a sign-in's QR code apart; null when it is something else.
export function readCode(text) {
  const found = shape.exec(text.trim());
  if (!found) return null;
  try {
    const [service, browser] = [line(found[5]), line(found[6])];
    return { issuer: found[1], id: found[2], tag: found[3], until: Number(found[4]), service, browser };
  } catch {
    return null;
  }
}

// line decodes a text of one line, in its one spelling.
function line(encoded) {
  const raw = bytes(encoded);
  const text = strict.decode(raw);
  if (/\p{Cc}/u.test(text) || protocol.base64url(raw) !== encoded) throw new TypeError("not a line");
  return text;
}

const mac = async (key, lines) => new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode([...lines, ""].join("\n"))));

// digits truncates as RFC 4226 §5.3 does.
function digits(sum, n) {
  const at = sum[sum.length - 1] & 15;
  const number = new DataView(sum.buffer).getUint32(at) & 0x7fffffff;
  return String(number % 10 ** n).padStart(n, "0");
}

// answer makes the eight digits for a QR code. Every PIN gives some.
export async function answer(link, code, pin) {
  const message = ["eulogin-app-offline/1", code.issuer, code.id, code.tag, code.until, code.service, code.browser];
  const secret = await importKey(await mac(link.offline, ["eulogin-app-offline-pin/1", link.deviceId, pin]));
  return digits(await mac(link.offline, message), 3) + digits(await mac(secret, message), 5);
}
