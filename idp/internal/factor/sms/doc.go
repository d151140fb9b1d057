// Package sms knows mobile phone numbers and the challenge code that a text message
// carries to prove that a person reads messages sent to one.
//
// It owns the number's form (ITU-T E.164), its masked form, and the pending challenge in
// the expiring store: ten minutes, five tries, one per account. It does not own sending
// (package notify), nor how often a challenge may be asked for (package limit). Text
// messages prove a number here; they are no verification method for signing in.
package sms
