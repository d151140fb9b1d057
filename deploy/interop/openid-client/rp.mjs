// A relying party on openid-client. Settings come from the environment, as everywhere in this folder:
// ISSUER, CLIENT_ID, BASE, LISTEN, and those of registration.mjs.
import { createServer } from 'node:http'
import { device, phone, told } from './away.mjs'
import { callback, login, logout } from './browser.mjs'
import { exchange, exchanged, own } from './program.mjs'
import { manage } from './registration.mjs'
import { refresh, revoke, session, who } from './session.mjs'

const { BASE, LISTEN } = process.env

const pages = {
  '/': who,
  '/callback': callback,
  '/refresh': refresh,
  '/revoke': revoke,
  '/registration': () => manage('GET'),
  '/unregister': () => manage('DELETE'),
  '/phone': phone,
  '/device': device,
  '/outcome': told,
  '/token': () => `token=${session.tokens.access_token}`,
  '/own': own,
  '/exchange': exchange,
  '/exchanged': exchanged,
  '/bye': () => 'goodbye',
}

const go = { '/login': (url) => login(url.searchParams), '/logout': logout }

const escape = (s) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

async function read(req) {
  if (req.method !== 'POST') return undefined
  let body = ''
  for await (const part of req) body += part
  return body
}

createServer(async (req, res) => {
  const url = new URL(req.url, BASE)
  try {
    const body = await read(req)
    if (go[url.pathname]) return res.writeHead(302, { location: (await go[url.pathname](url)).href }).end()
    if (!pages[url.pathname]) return res.writeHead(404).end()
    const text = await pages[url.pathname](url, body)
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html><html lang=en><title>openid-client</title><body><p>${escape(text)}</p></body></html>`)
  } catch (e) {
    console.error(e)
    res.writeHead(502, { 'content-type': 'text/html; charset=utf-8' }).end(`<body><p>error: ${escape([e.code, e.error, e.error_description, e.message].filter(Boolean).join(' '))}</p></body>`)
  }
}).listen(Number(LISTEN.split(':')[1]), LISTEN.split(':')[0])
