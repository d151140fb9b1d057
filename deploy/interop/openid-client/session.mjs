// Who is signed in, and what idp says of that. One person at a time: enough for a test.
import { client } from './library.mjs'
import { config } from './registration.mjs'

export const session = { how: [], dpop: undefined, tokens: undefined, claims: undefined }

export const has = (what) => session.how.includes(what)
export const options = () => (session.dpop ? { DPoP: session.dpop } : {})

// begin takes how somebody is to be signed in: a list of words, of which `dpop` and `introspect` count here.
export async function begin(how) {
  session.how = (how ?? 'plain').split(',')
  session.dpop = has('dpop') ? client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) : undefined
}

// signedIn keeps tokens that somebody's sign-in gave.
export async function signedIn(tokens) {
  session.tokens = tokens
  session.claims = tokens.claims()
  return describe()
}

async function describe() {
  const { tokens, claims } = session
  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub, options())
  let text = `sub=${claims.sub} acr=${claims.acr} email=${info.email} type=${tokens.token_type}`
  if (has('introspect')) {
    const seen = await client.tokenIntrospection(config, tokens.access_token)
    text += ` active=${seen.active} bound=${seen.cnf?.jkt !== undefined}`
  }
  return text
}

export async function refresh() {
  const { tokens: old, claims } = session
  const renewed = await client.refreshTokenGrant(config, old.refresh_token, undefined, options())
  if (renewed.access_token === old.access_token || renewed.refresh_token === old.refresh_token) throw new Error('nothing was renewed')
  session.tokens = renewed
  const again = renewed.claims()
  if (again && (again.sub !== claims.sub || again.acr !== claims.acr || again.auth_time !== claims.auth_time)) throw new Error('the refreshed ID token speaks of another sign-in')
  session.claims = again ?? claims
  return describe()
}

export async function revoke() {
  await client.tokenRevocation(config, session.tokens.refresh_token)
  return 'revoked'
}

export const who = () => (session.claims ? `sub=${session.claims.sub} acr=${session.claims.acr}` : 'nobody is signed in')
