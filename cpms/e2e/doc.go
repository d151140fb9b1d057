// Package e2e walks the guide's journey (domain.md §4.1) against the built binaries: create
// an account, add a phone, ask a network for access, decide, be granted. It starts bin/idp
// and bin/cpms itself on free ports with a state folder of its own and talks to them only
// the way people do: pages, mails, the phone's protocol.
//
// One story, several visitors: a browser with JavaScript, the same browser without it, and
// a plain HTTP client; and two phones: the web app in a browser of its own that scans the
// QR code with a camera, and phonesim. It imports nothing of idp.
package e2e
