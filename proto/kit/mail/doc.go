// Package mail sends mails by SMTP. A message has a plain and an HTML part and a Message-ID
// made of its reference, so that a second delivery of the same message can be recognised.
//
// It owns no text and no queue: services render their mails, and package outbox keeps them
// until they are sent.
package mail
