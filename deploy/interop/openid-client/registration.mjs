// Under what registration the relying party runs: that of an operator (CLIENT_ID, and CLIENT_KEY, a JWK with the
// private key), or one that it gets by itself, with INITIAL_ACCESS_TOKEN.
import { readFileSync } from 'node:fs'
import { client } from './library.mjs'

const { ISSUER, CLIENT_ID, CLIENT_KEY, BASE, INITIAL_ACCESS_TOKEN } = process.env
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' }

async function byOperator() {
  const jwk = JSON.parse(readFileSync(CLIENT_KEY, 'utf8'))
  const key = { kid: jwk.kid, key: await crypto.subtle.importKey('jwk', jwk, ecdsa, false, ['sign']) }
  return { key, config: await client.discovery(new URL(ISSUER), CLIENT_ID, {}, client.PrivateKeyJwt(key)) }
}

// public half of a new key, as it is registered.
const registered = async (pair, more) => ({ ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), key_ops: undefined, ...more })

async function byItself() {
  const pair = await crypto.subtle.generateKey(ecdsa, false, ['sign', 'verify'])
  const key = { kid: 's1', key: pair.privateKey }
  const metadata = {
    client_name: CLIENT_ID,
    redirect_uris: [`${BASE}/callback`],
    post_logout_redirect_uris: [`${BASE}/bye`],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [await registered(pair, { kid: 's1', use: 'sig', alg: 'ES256' })] },
  }
  return { key, config: await client.dynamicClientRegistration(new URL(ISSUER), metadata, client.PrivateKeyJwt(key), { initialAccessToken: INITIAL_ACCESS_TOKEN }) }
}

export const { config, key } = await (INITIAL_ACCESS_TOKEN ? byItself() : byOperator())
client.enableNonRepudiationChecks(config) // the signature of ID tokens counts also on a direct way

// manage reads (GET) or ends (DELETE) a registration that it got by itself (RFC 7592).
export async function manage(method) {
  const { registration_client_uri: at, registration_access_token: token } = config.clientMetadata()
  const answer = await client.fetchProtectedResource(config, token, new URL(at), method)
  return `${answer.status} ${await answer.text()}`
}
