// Package login is the sign-in as an explicit, derived state machine.
//
// A Flow holds what a service asked, who signs in and what was proved, with times. Next looks
// at those facts and says which step comes; steps do not know each other, and nothing is
// remembered as "done". The level is computed by package policy at that moment.
//
// The package owns the order of steps and the binding to one browser. It owns no page, no
// OIDC and no verification method: methods meet the interface Method.
package login
