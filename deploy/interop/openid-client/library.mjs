// The library, which wants WebCrypto: Node 18 keeps that behind its module.
import { webcrypto } from 'node:crypto'

globalThis.crypto ??= webcrypto
export const client = await import('openid-client')
