// A relying party on openid-client. Settings come from the environment, as everywhere in this folder:
// ISSUER, CLIENT_ID, CLIENT_KEY (a JWK with the private key), BASE, LISTEN. /login takes acr, and how:
// a list of plain, par, jar, dpop, form_post, introspect.
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { webcrypto } from 'node:crypto'

globalThis.crypto ??= webcrypto // Node 18
const client = await import('openid-client')

const { ISSUER, CLIENT_ID, CLIENT_KEY, BASE, LISTEN } = process.env
const jwk = JSON.parse(readFileSync(CLIENT_KEY, 'utf8'))
const key = {
  kid: jwk.kid,
  key: await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']),
}
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, {}, client.PrivateKeyJwt(key))
client.enableNonRepudiationChecks(config) // the signature of ID tokens counts also on a direct way

// one person at a time: enough for a test
let flow, tokens, dpop, claims

const has = (what) => flow.how.includes(what)
const options = () => (dpop ? { DPoP: dpop } : {})

async function login(query) {
  flow = {
    how: (query.get('how') ?? 'plain').split(','),
    verifier: client.randomPKCECodeVerifier(),
    state: client.randomState(),
    nonce: client.randomNonce(),
  }
  dpop = has('dpop') ? client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) : undefined
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
  let url = has('jar') ? await client.buildAuthorizationUrlWithJAR(config, params, key) : client.buildAuthorizationUrl(config, params)
  if (has('par')) url = await client.buildAuthorizationUrlWithPAR(config, url.searchParams, options())
  return url
}

async function take(answer) {
  tokens = await client.authorizationCodeGrant(
    config, answer,
    { pkceCodeVerifier: flow.verifier, expectedState: flow.state, expectedNonce: flow.nonce, idTokenExpected: true },
    undefined, options(),
  )
  claims = tokens.claims()
  return describe()
}

async function describe() {
  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub, options())
  let text = `sub=${claims.sub} acr=${claims.acr} email=${info.email} type=${tokens.token_type}`
  if (has('introspect')) {
    const seen = await client.tokenIntrospection(config, tokens.access_token)
    text += ` active=${seen.active} bound=${seen.cnf?.jkt !== undefined}`
  }
  return text
}

async function refresh() {
  const old = tokens
  const renewed = await client.refreshTokenGrant(config, old.refresh_token, undefined, options())
  if (renewed.access_token === old.access_token || renewed.refresh_token === old.refresh_token) throw new Error('nothing was renewed')
  tokens = renewed
  const again = renewed.claims()
  if (again && (again.sub !== claims.sub || again.acr !== claims.acr || again.auth_time !== claims.auth_time)) throw new Error('the refreshed ID token speaks of another sign-in')
  claims = again ?? claims
  return describe()
}

const pages = {
  '/': async () => (claims ? `sub=${claims.sub} acr=${claims.acr}` : 'nobody is signed in'),
  '/callback': async (url, body) => take(body === undefined ? url : new Request(url, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })),
  '/refresh': refresh,
  '/revoke': async () => {
    await client.tokenRevocation(config, tokens.refresh_token)
    return 'revoked'
  },
  '/bye': async () => 'goodbye',
}

const go = {
  '/login': (query) => login(query),
  '/logout': async () => {
    const hint = tokens.id_token
    claims = undefined
    return client.buildEndSessionUrl(config, { id_token_hint: hint, post_logout_redirect_uri: `${BASE}/bye`, state: 's' })
  },
}

const escape = (s) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

createServer(async (req, res) => {
  const url = new URL(req.url, BASE)
  let body
  if (req.method === 'POST') {
    body = ''
    for await (const part of req) body += part
  }
  try {
    if (go[url.pathname]) return res.writeHead(302, { location: (await go[url.pathname](url.searchParams)).href }).end()
    if (!pages[url.pathname]) return res.writeHead(404).end()
    const text = await pages[url.pathname](url, body)
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html><html lang=en><title>openid-client</title><body><p>${escape(text)}</p></body></html>`)
  } catch (e) {
    console.error(e)
    res.writeHead(502, { 'content-type': 'text/html; charset=utf-8' }).end(`<body><p>error: ${escape(`${e.code ?? ''} ${e.message} ${JSON.stringify(e.cause ?? '')}`)}</p></body>`)
  }
}).listen(Number(LISTEN.split(':')[1]), LISTEN.split(':')[0])
