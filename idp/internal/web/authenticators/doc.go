// Package authenticators is "Manage my authenticator apps" under /account/authenticators: the
// list, adding an app with name, QR code and a first code of it, renaming and removing.
//
// It owns pages only; the rules are in factor/totp. It comes back to a sign-in that sent the
// person here to add a first factor (?flow=).
package authenticators
