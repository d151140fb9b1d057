// Package signin holds the pages of sign-in and sign-out. A handler parses, calls one step of
// package login, and comes back to /login?flow=, which shows what comes next.
package signin
