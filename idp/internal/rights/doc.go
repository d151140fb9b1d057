// Package rights is what people may ask of EU Login about their own data, here and in the services
// that keep some of it (domain.md row 38): a copy of everything, and the erasure of the account.
//
// An erasure waits for seven days, during which every mailbox of the account can stop it without
// a sign-in, and then happens in one transaction, which tells the services. Which table holds what
// about whom is data of package sqlstore (Personal, Elsewhere, Impersonal); tests hold it against the tables
// that the database really has, and docs/rights.md against both.
package rights
