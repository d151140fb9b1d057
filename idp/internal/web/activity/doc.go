// Package activity serves "My sessions" and "My sign-in history" in My account: what is open
// where, what was tried, and the ways to end it.
package activity
