// Package sms knows mobile phone numbers and the codes that text messages carry: the challenge
// code that proves a number when it is added, and the code of one sign-in, where the operator
// has "Mobile phone + SMS" on.
//
// It owns the number's form (ITU-T E.164), its masked form, the pending challenge in the
// expiring store (ten minutes, five tries, one per account), and sending and checking sign-in
// codes with their limits. It does not own delivery (package notify) nor how often a challenge
// for a new number may be asked for (package manage).
//
// The two kinds of codes have nothing in common but their looks: one never stands for the
// other. A text message can be read along or redirected, so it is the weakest second factor
// and never phishing-resistant (NIST SP 800-63B-4 §3.1.3.3 restricts it).
package sms
