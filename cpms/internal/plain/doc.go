// Package plain decides what typed text cpms keeps: lines, longer texts and e-mail addresses
// that a database can hold, a mail can carry and a coordinator can read as it was meant.
//
// It owns no message and no field; profile and access say what is wrong where.
package plain
