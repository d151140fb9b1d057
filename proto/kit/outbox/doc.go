// Package outbox keeps messages that must leave the service (mails, text messages, events)
// in the durable store, written in the transaction of their cause, and delivers each at
// least once.
//
// It owns the table `outbox`, the order of rows with one key, the lease, the back-off, the
// dead letters, and that no receiver holds up the others for long. What a payload means and
// how it travels belongs to the caller. A receiver must bear a second delivery: a crash
// between delivering and marking repeats one.
package outbox
