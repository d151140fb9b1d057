// Package activity is what people see and end of their own sign-ins: living sessions, and the
// history of the last 90 days with what failed (domain.md row 24). It owns no session and no
// history; it shows them to their owner alone.
package activity
