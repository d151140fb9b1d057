// Package notify is the mails of cpms: what happened, in the person's mail language, with a
// link and no clinical content. A mail is made in the transaction of its cause and rendered
// when it is sent.
package notify
