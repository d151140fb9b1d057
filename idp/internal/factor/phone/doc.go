// Package phone is the factor "EU Login Mobile App PIN Code": a phone holds a private key
// that it never gives away, and the person holds a PIN. It owns device records, enrolment
// by QR code, sign-in requests with number matching, and the rules about wrong PINs.
//
// It does not own the wire (package appapi), pages (web/devices, web/phoneapp), the step of
// a sign-in that waits for the phone (package login), or how things are stored.
//
// Guarantees: one enrolment code makes at most one device; a request is decided at most
// once; a PIN can be tried five times while enrolling and ten times afterwards, also by
// parallel callers; PINs and enrolment secrets are kept as hashes only.
package phone
