// Package webpush wakes phones whose app is not open: Web Push (RFC 8030) with encrypted
// messages (RFC 8291) and the operator's identification (VAPID, RFC 8292).
//
// It owns the wire towards push services and the rules for their addresses. Which phone is
// woken, and for what, is package phone's business; a message says nothing but "look".
// Addresses come from phones: they are https on the usual port, lead to public addresses only,
// and no redirection is followed.
package webpush
