// A person signs in elsewhere than in this party's browser: on the phone, where it asks (CIBA), or at an address
// where the code of a device is typed. It polls; /outcome waits for what came of it.
import { client } from './library.mjs'
import { config } from './registration.mjs'
import { begin, options, session, signedIn } from './session.mjs'

const scope = 'openid email offline_access'
let outcome

// waiting keeps a poll that goes on; a failure is told when somebody asks.
function waiting(poll) {
  outcome = poll
  outcome.catch(() => {})
}

// phone asks the person of login_hint, or without one who signed in last. The number is the message that the
// person types.
export async function phone(url) {
  const { login_hint, number, how } = Object.fromEntries(url.searchParams)
  await begin(how)
  const hint = login_hint ? { login_hint } : { id_token_hint: session.hint }
  const asked = await client.initiateBackchannelAuthentication(config, { scope, binding_message: number, ...hint })
  waiting(client.pollBackchannelAuthenticationGrant(config, asked, undefined, options()))
  return 'asked'
}

// device shows the code that the person types.
export async function device(url) {
  await begin(url.searchParams.get('how'))
  const asked = await client.initiateDeviceAuthorization(config, { scope })
  waiting(client.pollDeviceAuthorizationGrant(config, asked, undefined, options()))
  return `code=${asked.user_code} at=${asked.verification_uri}`
}

export const told = async () => signedIn(await outcome)
