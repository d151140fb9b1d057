package fault

import (
	"errors"
	"maps"
	"time"
)

// Kind says what sort of failure it is; every edge derives its status from it.
type Kind int

// The kinds, from "our fault" to "try again later".
const (
	Internal        Kind = iota // a defect or an unexpected answer; its text is never shown
	Invalid                     // the input cannot be accepted as it is
	Unauthenticated             // nobody is signed in, or the proof is wrong
	Denied                      // known who, and not allowed
	NotFound                    // no such thing, or none that this caller may see
	Conflict                    // the state moved on meanwhile
	Gone                        // it was there and has expired or been used
	TooMany                     // a limit is reached; RetryAfter says until when
	Unavailable                 // a dependency does not answer; nothing was decided
)

var kindNames = [...]string{
	"internal", "invalid", "unauthenticated", "denied", "not_found",
	"conflict", "gone", "too_many", "unavailable",
}

// String gives the kind's name as it stands in catalogue keys and logs.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return kindNames[Internal]
	}
	return kindNames[k]
}

// Message is a text of the catalogue: its key and the values of its placeholders.
type Message struct {
	Key  string
	Args []any
}

// Error is a failure with a stable code. Make package-level sentinels with New and
// derive from them with Because, WithField, WithArgs and After; errors.Is compares by code.
type Error struct {
	Kind       Kind
	Code       string             // "area.what", e.g. "signup.link_expired"
	Args       []any              // values for the text of this code
	Fields     map[string]Message // form field -> what is wrong with it
	RetryAfter time.Duration      // with TooMany and Unavailable: when to try again
	cause      error
}

// New makes a sentinel of a kind with its code.
func New(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// Error gives code and cause, for logs only.
func (e *Error) Error() string {
	if e.cause == nil {
		return e.Code
	}
	return e.Code + ": " + e.cause.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is a fault of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because gives a copy that wraps the cause.
func (e *Error) Because(cause error) *Error {
	c := e.clone()
	c.cause = cause
	return c
}

// WithField gives a copy that says what is wrong with one form field.
func (e *Error) WithField(name, key string, args ...any) *Error {
	c := e.clone()
	if c.Fields == nil {
		c.Fields = map[string]Message{}
	}
	c.Fields[name] = Message{Key: key, Args: args}
	return c
}

// WithArgs gives a copy whose text is filled with these values.
func (e *Error) WithArgs(args ...any) *Error {
	c := e.clone()
	c.Args = args
	return c
}

// After gives a copy that says how long to wait.
func (e *Error) After(d time.Duration) *Error {
	c := e.clone()
	c.RetryAfter = d
	return c
}

// Or gives nil when no field is at fault, so that a check can collect with
// WithField and return the sum.
func (e *Error) Or() error {
	if e == nil || len(e.Fields) == 0 {
		return nil
	}
	return e
}

func (e *Error) clone() *Error {
	c := *e
	c.Fields = maps.Clone(e.Fields)
	return &c
}

// As finds the fault in an error chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// KindOf gives the kind of an error; anything that is not a fault is Internal.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return Internal
}

// CodeOf gives the stable code of an error, "internal" when it has none.
func CodeOf(err error) string {
	if e := As(err); e != nil {
		return e.Code
	}
	return "internal"
}
