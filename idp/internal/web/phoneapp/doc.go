// Package phoneapp serves the phone's app at /app: an installable web page with its modules,
// texts, manifest and service worker.
//
// Everything it serves is compiled in and the same for everybody; it sees no cookie, no
// account and no secret (an enrolment code stands in the address's fragment, which browsers
// keep to themselves). The app talks to package appapi.
package phoneapp
