// Package manage is what a signed-in person changes in "My account": the language of
// mails, mobile phone numbers, and the password.
//
// It owns how strong a sign-in these changes want (Requirement) and tells the person of
// each by mail. It does not own mobile devices (factor/phone and its pages), the address
// or the names, and it trusts its caller for who is signed in.
package manage
