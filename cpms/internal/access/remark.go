package access

import (
	"strings"
	"time"

	"eulogin.example/cpms/internal/plain"
	"eulogin.example/proto/kit/fault"
)

// The limits of the conversation about a request.
const (
	RemarkMax       = 2000 // characters
	RemarksMost     = 100  // of both sides together; questions and answers do not count
	RemarksFor      = 90 * 24 * time.Hour
	RemarkMailEvery = time.Hour // between two mails about the remarks of one request to one person
)

// RemarkKind is what a part of the conversation is.
type RemarkKind string

// The kinds: a question and its answer move the request on, a remark does not.
const (
	PlainRemark RemarkKind = "remark"
	TheQuestion RemarkKind = "question"
	TheAnswer   RemarkKind = "answer"
)

// Remark is one part of the conversation about a request. The text goes when the requester or
// the writer is erased.
type Remark struct {
	ID, RequestID, ByID string
	Side                Who // Requester or Coordinator
	Kind                RemarkKind
	Private             bool // only those see it who may decide about the request
	Text                string
	At                  time.Time
}

var (
	// ErrSilent says that the conversation is over.
	ErrSilent = fault.New(fault.Conflict, "request.remarks_over")
	// ErrRemarks says that there are too many remarks.
	ErrRemarks = fault.New(fault.Conflict, "request.remarks_full")
)

// Talks reports whether remarks can be written: from the submission until RemarksFor after the
// request came to its end.
func (r Request) Talks(now time.Time) bool {
	if r.SubmittedAt.IsZero() || r.State == Draft {
		return false
	}
	end := r.DecidedAt
	if end.IsZero() {
		end = r.UpdatedAt // taken back, or ended by time
	}
	return r.State.Open() || now.Before(end.Add(RemarksFor))
}

// Confides reports whether somebody with these seats sees and writes what only the desk sees: who
// could decide about the request if it were open, so neither the requester nor who stands in
// for them.
func (r Request) Confides(by string, seats []Seat) bool {
	if by == r.PersonID {
		return false
	}
	_, err := seatFor(r, seats, by, nil)
	return err == nil
}

// checkRemark gives the text as it is kept. ErrInvalid.
func checkRemark(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", ErrInvalid.WithField("remark", "request.remark.needed")
	}
	if !plain.Text(text, RemarkMax) {
		return "", ErrInvalid.WithField("remark", "request.too_long", RemarkMax)
	}
	return text, nil
}
