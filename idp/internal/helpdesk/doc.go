// Package helpdesk is what people do who help others with their accounts (domain.md row 40). An
// agent finds an account by its exact e-mail address, sees how it stands, has the mail for a new
// password sent, and starts two things that a second, different agent has to confirm: giving lost
// second factors up without the wait, and confirming a hardware key.
//
// No agent sees a secret, acts as somebody else, or does anything to the own account. Every look
// is written down. The person concerned does the rest: what the helpdesk does only opens a way.
package helpdesk
