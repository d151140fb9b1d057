// A person signs in and out with a browser. /login takes acr, and how: a list of plain, par, jar, dpop,
// form_post, introspect.
import { client } from './library.mjs'
import { config, key } from './registration.mjs'
import { begin, has, options, session, signedIn } from './session.mjs'

const { BASE } = process.env
let flow

export async function login(query) {
  await begin(query.get('how'))
  flow = { verifier: client.randomPKCECodeVerifier(), state: client.randomState(), nonce: client.randomNonce() }
  const params = {
    redirect_uri: `${BASE}/callback`,
    scope: 'openid email offline_access',
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
  }
  if (query.get('acr')) params.acr_values = query.get('acr')
  if (has('form_post')) params.response_mode = 'form_post'
  const url = has('jar') ? await client.buildAuthorizationUrlWithJAR(config, params, key) : client.buildAuthorizationUrl(config, params)
  return has('par') ? client.buildAuthorizationUrlWithPAR(config, url.searchParams, options()) : url
}

export async function callback(url, body) {
  const answer = body === undefined ? url : new Request(url, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  const checks = { pkceCodeVerifier: flow.verifier, expectedState: flow.state, expectedNonce: flow.nonce, idTokenExpected: true }
  return signedIn(await client.authorizationCodeGrant(config, answer, checks, undefined, options()))
}

export function logout() {
  session.claims = undefined
  return client.buildEndSessionUrl(config, { id_token_hint: session.hint, post_logout_redirect_uri: `${BASE}/bye`, state: 's' })
}
