// Package notify is what the service tells people by mail and text message: one
// constructor for each kind of message, the rendering in the person's language, and the
// delivery out of the outbox.
//
// Stores write a Message with the state that caused it, in one transaction; the outbox
// worker delivers it later. A message carries only what its text needs. It does not own
// transport (kit/mail, an SMSGateway) nor limits on how often something may be sent.
package notify
