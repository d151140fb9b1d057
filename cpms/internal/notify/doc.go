// Package notify is the mails of cpms: what happened, in the person's mail language, with a
// link and no clinical content. A mail is made in the transaction of its cause and rendered
// when it is sent, so that a mail exists if and only if its cause does.
//
// It owns the kinds and their form, not the texts (catalogue, area mail) and not the way out
// (kit/outbox, kit/mail).
package notify
