// Package totp is the verification method "authenticator app": codes of six digits that an
// app of anybody's make computes from a shared seed and the time (RFC 6238, with RFC 4226
// inside; SHA-1 and 30 seconds, because that is what the apps know).
//
// It owns seeds, enrolment by QR code or typed key, the check of codes and the names of
// authenticators. It does not own pages (web/authenticators), the order of a sign-in (package
// login, by way of codelogin) or how things are stored.
//
// Guarantees: a seed is sealed wherever it is kept and shown only while it is being added, to
// the session that adds it; an authenticator counts only after a code of it was typed; the
// code of one time step is good once, also for a hundred parallel callers, and so is no older
// one; a question admits five tries.
package totp
