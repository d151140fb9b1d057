package show

import (
	"context"
	"slices"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

// Talk is the form that writes a remark.
type Talk struct {
	RemarkID, Text string
	Open, Private  bool // Open: remarks can be written
}

// Line is one line of what happened and what was said about a request. Of an event Key says
// what it was; a part of the conversation has a writer.
type Line struct {
	At        time.Time
	Key       string
	Said      bool
	Who, Side string // Who: "" when the record was erased. Side: the key of a text
	Text      string // "" when it was removed
	Private   bool
}

// Names gives people by their ids.
type Names interface {
	PersonByID(ctx context.Context, id string) (person.Person, error)
}

// Conversation joins what happened to a request with what was said about it, oldest first.
func Conversation(ctx context.Context, names Names, events []audit.Event, remarks []access.Remark) (out []Line, err error) {
	for _, e := range unsaid(events, remarks) {
		out = append(out, Line{At: e.At, Key: "event." + e.Action})
	}
	known := map[string]string{}
	for _, m := range remarks {
		if _, ok := known[m.ByID]; !ok {
			p, err := names.PersonByID(ctx, m.ByID)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
			known[m.ByID] = p.Name()
		}
		out = append(out, Line{
			At: m.At, Key: "remark.kind." + string(m.Kind), Said: true, Who: known[m.ByID], Side: "remark.side." + string(m.Side), Text: m.Text, Private: m.Private,
		})
	}
	slices.SortStableFunc(out, func(a, b Line) int { return a.At.Compare(b.At) })
	return out, nil
}

// unsaid leaves out the events of questions and answers whose text is there. Of questions from
// before conversations were kept only the last has one.
func unsaid(events []audit.Event, remarks []access.Remark) (out []audit.Event) {
	said := map[string]int{}
	for _, m := range remarks {
		switch m.Kind {
		case access.TheQuestion:
			said["request.more_info"]++
		case access.TheAnswer:
			said["request.answer"]++
		}
	}
	for _, e := range slices.Backward(events) {
		if said[e.Action] > 0 {
			said[e.Action]--
			continue
		}
		out = append(out, e)
	}
	slices.Reverse(out)
	return out
}
