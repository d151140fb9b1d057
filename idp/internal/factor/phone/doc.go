// Package phone is the factor of the EU Login app: a phone holds keys that it never gives
// away, and the person holds a PIN. It owns device records, enrolment by QR code, the rules
// about wrong PINs, biometrics that stand for the PIN where the person wants it, the wake of a
// phone whose app is closed, and three ways to sign in: requests with number matching ("Mobile App PIN
// Code"), typed codes of a phone without a network ("Mobile App QR Code"), and the app in the
// browser that signs in ("On-mobile").
//
// It does not own the wire (package appapi), pages (web/devices, web/phoneapp), the step of
// a sign-in that waits for the phone (package login), or how things are stored.
//
// Guarantees: one enrolment code makes at most one device; a request is decided at most
// once; a PIN can be tried five times while enrolling and ten times afterwards, also by
// parallel callers, whichever way it is used; PINs and enrolment secrets are kept as hashes
// only, the keys of typed codes and what they make of the PIN sealed; a typed code and an on-mobile approval count once, in
// the one sign-in that they are for.
package phone
