// Package keys is the page "Manage my Security Keys, Trusted Platforms and Passkeys" of My
// account and those that belong to it: add, rename, remove (domain.md §1.1, §1.3, row 11).
//
// It owns no rule: credentials are factor/webauthn's, the browser's talk with the
// authenticator is static/js/key.js. Every change wants a fresh sign-in (row 17).
package keys
