// A program without a person in front of it: with a token of its own (client credentials), or for a person whose
// token another service shows it (token exchange, RFC 8693).
import { client } from './library.mjs'
import { config } from './registration.mjs'

const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
let given

export async function own() {
  const tokens = await client.clientCredentialsGrant(config, { scope: 'reports.read' })
  const seen = await client.tokenIntrospection(config, tokens.access_token)
  return `active=${seen.active} sub=${seen.sub} scope=${seen.scope} acr=${seen.acr}`
}

// exchange gets a token for less than the one that is shown, and asks with it.
export async function exchange(url) {
  given = await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: url.searchParams.get('token'),
    subject_token_type: accessToken,
    scope: 'openid',
  })
  if (given.issued_token_type !== accessToken || given.refresh_token || given.id_token) throw new Error('more was given than an access token')
  const info = await client.fetchUserInfo(config, given.access_token, client.skipSubjectCheck)
  return `sub=${info.sub} email=${info.email} ${await exchanged()}`
}

export async function exchanged() {
  const seen = await client.tokenIntrospection(config, given.access_token)
  return seen.active ? `active=true scope=${seen.scope} acr=${seen.acr} actor=${seen.act.sub}` : 'active=false'
}
