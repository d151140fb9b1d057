// Package kit is the folder of the small packages that both services share: how a call, an
// error, a page, a row and a process behave. See idp/docs/adr/0001 for the closed list.
package kit
