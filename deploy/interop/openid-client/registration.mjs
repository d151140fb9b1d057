// Under what registration the relying party runs: that of an operator (CLIENT_ID, and CLIENT_KEY, a JWK with the
// private key), or one that it gets by itself, with INITIAL_ACCESS_TOKEN, as METHOD says:
// private_key_jwt or client_secret_jwt.
import { readFileSync } from 'node:fs'
import { client } from './library.mjs'

const { ISSUER, CLIENT_ID, CLIENT_KEY, BASE, INITIAL_ACCESS_TOKEN, METHOD } = process.env
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' }

async function byOperator() {
  const jwk = JSON.parse(readFileSync(CLIENT_KEY, 'utf8'))
  const key = { kid: jwk.kid, key: await crypto.subtle.importKey('jwk', jwk, ecdsa, false, ['sign']) }
  return { key, config: await client.discovery(new URL(ISSUER), CLIENT_ID, {}, client.PrivateKeyJwt(key)) }
}

// keys makes a pair, of which the public half is registered.
async function keys(algorithm, uses, more) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, false, uses)
  return { key: privateKey, kid: more.kid, jwks: { keys: [{ ...(await crypto.subtle.exportKey('jwk', publicKey)), key_ops: undefined, ...more }] } }
}

// withAKey registers nothing beyond how it authenticates.
async function withAKey(register) {
  const { jwks, ...key } = await keys(ecdsa, ['sign', 'verify'], { kid: 's1', use: 'sig', alg: 'ES256' })
  return { key, config: await register({ token_endpoint_auth_method: 'private_key_jwt', jwks }, client.PrivateKeyJwt(key)) }
}

// withASecret registers for all that idp signs and encrypts, and for subs of its own.
async function withASecret(register) {
  const { jwks, ...key } = await keys({ name: 'ECDH', namedCurve: 'P-256' }, ['deriveBits'], { kid: 'e1', use: 'enc', alg: 'ECDH-ES' })
  const metadata = {
    token_endpoint_auth_method: 'client_secret_jwt',
    token_endpoint_auth_signing_alg: 'HS256',
    subject_type: 'pairwise',
    id_token_signed_response_alg: 'PS256',
    id_token_encrypted_response_alg: 'ECDH-ES',
    id_token_encrypted_response_enc: 'A256GCM',
    userinfo_signed_response_alg: 'PS256',
    introspection_signed_response_alg: 'PS256',
    introspection_encrypted_response_alg: 'ECDH-ES',
    jwks,
  }
  const config = await register(metadata, client.ClientSecretJwt())
  client.enableDecryptingResponses(config, ['A256GCM', 'A128CBC-HS256'], { ...key, alg: 'ECDH-ES' })
  return { config }
}

const byItself = { private_key_jwt: withAKey, client_secret_jwt: withASecret }

// register adds to metadata what they have in all cases.
function register(metadata, authentication) {
  const usual = {
    client_name: CLIENT_ID,
    redirect_uris: [`${BASE}/callback`],
    post_logout_redirect_uris: [`${BASE}/bye`],
    grant_types: ['authorization_code', 'refresh_token'],
  }
  return client.dynamicClientRegistration(new URL(ISSUER), { ...usual, ...metadata }, authentication, { initialAccessToken: INITIAL_ACCESS_TOKEN })
}

export const { config, key } = await (INITIAL_ACCESS_TOKEN ? byItself[METHOD](register) : byOperator())
client.enableNonRepudiationChecks(config) // the signature of ID tokens counts also on a direct way

// manage reads (GET) or ends (DELETE) a registration that it got by itself (RFC 7592).
export async function manage(method) {
  const { registration_client_uri: at, registration_access_token: token } = config.clientMetadata()
  const answer = await client.fetchProtectedResource(config, token, new URL(at), method)
  return `${answer.status} ${await answer.text()}`
}
