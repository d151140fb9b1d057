// The app's side of idp/docs/app-protocol.md.

const utf8 = new TextEncoder();
const curve = { name: "ECDSA", namedCurve: "P-256" };
const hash = { name: "ECDSA", hash: "SHA-256" };

export const issuer = location.origin;

let skew = Number(localStorage.getItem("skew")) || 0; // seconds that the server's clock is ahead of ours, as last heard

export const now = () => Math.floor(Date.now() / 1000) + skew;

const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
export const base64url = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export const makeKeys = () => crypto.subtle.generateKey(curve, false, ["sign", "verify"]);

async function publicJWK(keys) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  return { crv, kty, x, y }; // in lexical order, as RFC 7638 hashes them
}

const sign = (keys, text) => crypto.subtle.sign(hash, keys.privateKey, utf8.encode(text));
const sha256 = (text) => crypto.subtle.digest("SHA-256", utf8.encode(text));

// A call that the server refused; code is stable, see the document.
export class Refused extends Error {
  constructor(problem, status) {
    super(problem.code);
    Object.assign(this, problem, { status });
  }
}

// send signs and sends once. A body that depends on the time is a function, made anew for each try.
async function send(keys, keyId, method, path, content, signal, credentials = "omit") {
  const body = typeof content === "function" ? await content() : content;
  const text = body === undefined ? "" : JSON.stringify(body);
  const digest = `sha-256=:${base64(await sha256(text))}:`;
  const nonce = base64url(crypto.getRandomValues(new Uint8Array(18)));
  const params = `("@method" "@target-uri" "content-digest");created=${now()};nonce="${nonce}";keyid="${keyId}";tag="eulogin-app/1"`;
  const signature = await sign(keys, `"@method": ${method}\n"@target-uri": ${issuer}${path}\n"content-digest": ${digest}\n"@signature-params": ${params}`);
  const headers = { "Content-Digest": digest, "Signature-Input": `app=${params}`, Signature: `app=:${base64(signature)}:` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : text, credentials, cache: "no-store", signal });
  let out = {};
  try {
    out = await answer.json();
  } catch {
    if (answer.ok) throw new TypeError("no JSON");
  }
  if (out.now) {
    skew = out.now - Math.floor(Date.now() / 1000);
    localStorage.setItem("skew", skew);
  }
  if (!answer.ok) throw new Refused({ code: `http.${answer.status}`, ...out }, answer.status);
  return out;
}

// call signs and sends; a phone whose clock is off has learned the time from the refusal
// and tries once more.
async function call(...args) {
  try {
    return await send(...args);
  } catch (err) {
    if (err.code !== "phone.clock") throw err;
    return send(...args);
  }
}

const codeShape = /^(https?:\/\/[^/?#]+)\/app#enrol\.([0-9a-hjkmnp-tv-z]{26})\.([0-9a-hjkmnp-tv-z]{26})$/;

// readCode takes the text of a QR code apart; null when it is something else.
export function readCode(text) {
  const found = codeShape.exec(text.trim());
  return found && { issuer: found[1], id: found[2], secret: found[3] };
}

export async function enrol(keys, code, pin, system) {
  const key = await publicJWK(keys);
  const thumbprint = base64url(await sha256(JSON.stringify(key)));
  return call(keys, thumbprint, "POST", "/app/api/enrol", { id: code.id, secret: code.secret, key, pin, system });
}

const text = (...lines) => [...lines, ""].join("\n");

// statement signs lines of text, each with its end.
const statement = async (link, ...lines) => base64url(await sign(link.keys, text(...lines)));

// away says that a service asks by itself: no browser is there, and nothing of one is shown.
export const away = (request) => request.browser === "-";

// seen is the part of a statement that says what was on the screen.
const seen = (version, link, r) => [version, issuer, link.deviceId, r.id, r.service, r.browser, r.address, r.created_at];

// watch asks for the requests of several accounts; the first one's key signs the message, and
// each other one's vouches for itself.
export function watch(links, known, wait, signal) {
  const [leader, ...others] = links;
  const vouch = async (link, time) => ({
    device_id: link.deviceId, time, signature: await statement(link, "eulogin-app-watch/1", issuer, leader.deviceId, link.deviceId, time),
  });
  const body = async () => {
    const time = now();
    return { wait, known, devices: await Promise.all(others.map((l) => vouch(l, time))) };
  };
  return call(leader.keys, leader.deviceId, "POST", "/app/api/watch", body, signal);
}

export const device = (link) => call(link.keys, link.deviceId, "GET", "/app/api/device");

export const renewOffline = (link, pin) => call(link.keys, link.deviceId, "POST", "/app/api/device/offline", { pin });

export const changePIN = (link, pin, fresh) => call(link.keys, link.deviceId, "POST", "/app/api/device/pin", { pin, new: fresh });

export const askBiometrics = (link, pin) => call(link.keys, link.deviceId, "POST", "/app/api/device/biometrics/ask", { pin });
export const setBiometrics = (link, credential) => call(link.keys, link.deviceId, "POST", "/app/api/device/biometrics", { credential });
export const dropBiometrics = (link, pin) => call(link.keys, link.deviceId, "POST", "/app/api/device/biometrics/off", { pin });

// subscribe tells where this phone is woken; nothing: nowhere any more.
export const subscribe = (link, to) =>
  to
    ? call(link.keys, link.deviceId, "POST", "/app/api/device/push", { endpoint: to.endpoint, p256dh: to.keys.p256dh, auth: to.keys.auth })
    : call(link.keys, link.deviceId, "POST", "/app/api/device/push/off");

// A sign-in of this browser is shown to this browser only: its cookie goes along.
export const here = (link, id) => call(link.keys, link.deviceId, "GET", `/app/api/here/${id}`, undefined, undefined, "same-origin");

// unlocked signs a statement whose lines depend on how it is unlocked, {pin} or {biometrics}: a
// function that gives the authenticator's word on the statement.
async function unlocked(link, unlock, lines) {
  const time = now();
  const all = [...lines(unlock.biometrics ? "biometrics" : "pin"), time];
  const by = unlock.biometrics ? { assertion: await unlock.biometrics(text(...all)) } : { pin: unlock.pin };
  return { time, signature: await statement(link, ...all), ...by };
}

export function approveHere(link, request, unlock) {
  const body = () => unlocked(link, unlock, (by) => [...seen("eulogin-app-here/2", link, request), by]);
  return call(link.keys, link.deviceId, "POST", `/app/api/here/${request.id}`, body, undefined, "same-origin");
}

export const unlink = (link) => call(link.keys, link.deviceId, "POST", "/app/api/device/unlink");

// refuse sends "deny" or "not_me", which need no unlocking; approve sends the browser's number.
export function refuse(link, request, decision) {
  const body = async () => {
    const time = now();
    return { decision, time, signature: await statement(link, ...seen("eulogin-app-answer/2", link, request), decision, "-", "-", time) };
  };
  return answer(link, request, body);
}

export const approve = (link, request, number, unlock) =>
  answer(link, request, async () => ({
    decision: "approve", number, ...(await unlocked(link, unlock, (by) => [...seen("eulogin-app-answer/2", link, request), "approve", number, by])),
  }));

const answer = (link, request, body) => call(link.keys, link.deviceId, "POST", `/app/api/requests/${request.id}/answer`, body);
