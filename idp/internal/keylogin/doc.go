// Package keylogin puts security keys and passkeys (factor/webauthn) behind the interface by
// which a sign-in sees verification methods (login.Method). It holds no rule of its own.
package keylogin
