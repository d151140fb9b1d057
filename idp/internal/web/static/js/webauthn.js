// The two ceremonies of Web Authentication, between the JSON that the server speaks (WebAuthn
// Level 3, §5.1.8 to §5.1.10) and what the browser's API wants. Written out, because browsers
// of 2024 lack parseCreationOptionsFromJSON and toJSON.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

// supported says whether this browser can talk to authenticators at all.
export const supported = () => window.isSecureContext && "PublicKeyCredential" in window && "credentials" in navigator;

function answer(credential, response) {
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined, clientExtensionResults: {}, response,
  });
}

// create adds a credential and gives RegistrationResponseJSON.
export async function create(json) {
  const options = JSON.parse(json);
  const made = await navigator.credentials.create({
    publicKey: {
      ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials) ?? [],
    },
  });
  return answer(made, {
    clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
}

// get signs in and gives AuthenticationResponseJSON. more goes to the browser as it is.
export async function get(json, more = {}) {
  const options = JSON.parse(json);
  const used = await navigator.credentials.get({
    ...more,
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) ?? [] },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
  return answer(used, {
    clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
    ...(userHandle?.byteLength ? { userHandle: text(userHandle) } : {}),
  });
}
