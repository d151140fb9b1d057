// Who is signed in, and what idp says of that. One person at a time: enough for a test.
import { client } from './library.mjs'
import { config } from './registration.mjs'

export const session = { how: [], dpop: undefined, tokens: undefined, claims: undefined, hint: undefined }

export const has = (what) => session.how.includes(what)
export const options = () => (session.dpop ? { DPoP: session.dpop } : {})

// begin takes how somebody is to be signed in: a list of words, of which `dpop` and `introspect` count here,
// and `kept`: a refresh keeps the refresh token.
export async function begin(how) {
  session.how = (how ?? 'plain').split(',')
  session.dpop = has('dpop') ? client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) : undefined
}

// signedIn keeps tokens that somebody's sign-in gave. As a hint idp takes the ID token, and of one that is
// encrypted the JWS inside.
export async function signedIn(tokens) {
  const inside = client.getDecryptedResponses(tokens)
  session.tokens = tokens
  session.claims = tokens.claims() ?? session.claims
  if (tokens.id_token) session.hint = inside?.id_token?.token_endpoint ?? inside ?? tokens.id_token
  return describe()
}

async function describe() {
  const { tokens, claims, hint } = session
  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub, options())
  const form = !tokens.id_token ? 'none' : hint === tokens.id_token ? 'signed' : 'encrypted'
  let text = `sub=${claims.sub} acr=${claims.acr} email=${info.email} id_token=${form} type=${tokens.token_type}`
  if (has('introspect')) {
    const seen = await client.tokenIntrospection(config, tokens.access_token)
    if (seen.sub !== claims.sub) throw new Error('introspection speaks of somebody else')
    text += ` active=${seen.active} bound=${seen.cnf?.jkt !== undefined} introspection=${client.getDecryptedResponses(seen) ? 'encrypted' : 'plain'}`
  }
  return text
}

export async function refresh() {
  const { tokens: old, claims } = session
  const renewed = await client.refreshTokenGrant(config, old.refresh_token, undefined, options())
  renewed.refresh_token ??= old.refresh_token // RFC 6749 §6: none in the answer, and the old one stays
  const kept = renewed.refresh_token === old.refresh_token
  if (renewed.access_token === old.access_token || kept !== has('kept')) throw new Error('the wrong tokens were renewed')
  const again = renewed.claims()
  if (again && (again.sub !== claims.sub || again.acr !== claims.acr || again.auth_time !== claims.auth_time)) throw new Error('the refreshed ID token speaks of another sign-in')
  return signedIn(renewed)
}

export async function revoke() {
  await client.tokenRevocation(config, session.tokens.refresh_token)
  return 'revoked'
}

export const who = () => (session.claims ? `sub=${session.claims.sub} acr=${session.claims.acr}` : 'nobody is signed in')
