package terms

import (
	"slices"
	"time"
)

// Document is one of the two texts.
type Document string

// The documents.
const (
	OfUse   Document = "terms"
	Privacy Document = "privacy"
)

// Text is one version of a document. Its paragraphs are the texts text.<document>.<version>.1 and so on.
type Text struct {
	Version    string
	Paragraphs int
}

// Edition is what somebody accepts: both documents as they are in force from a moment on.
type Edition struct {
	ID    string
	From  time.Time
	Texts map[Document]Text
}

var (
	use1     = Text{"2026-11", 1}
	privacy1 = Text{"2026-11", 1}
	// privacy2 tells of versions of the profile, of remarks, and of the copy of one's data.
	privacy2 = Text{"2026-11-23", 5}
)

// Editions are all there ever were, oldest first.
var Editions = []Edition{
	{"2026-11", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), map[Document]Text{OfUse: use1, Privacy: privacy1}},
	{"2026-11-23", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), map[Document]Text{OfUse: use1, Privacy: privacy2}},
}

// InForce gives the edition in force at a moment; before the first one, the first.
func InForce(now time.Time) Edition { return inForce(Editions, now) }

func inForce(all []Edition, now time.Time) Edition {
	out := all[0]
	for _, e := range all {
		if !now.Before(e.From) {
			out = e
		}
	}
	return out
}

// Acceptance is that somebody accepted an edition.
type Acceptance struct {
	Edition string
	At      time.Time
}

// Accepted finds the acceptance of an edition.
func Accepted(list []Acceptance, edition string) (Acceptance, bool) {
	i := slices.IndexFunc(list, func(a Acceptance) bool { return a.Edition == edition })
	if i < 0 {
		return Acceptance{}, false
	}
	return list[i], true
}

// Span is a version of a document with the time that it was in force. Until is zero for the one
// that still is.
type Span struct {
	Text
	From, Until time.Time
}

// History gives the versions of a document that were ever in force until now, newest first.
func History(d Document, now time.Time) []Span { return history(Editions, d, now) }

func history(all []Edition, d Document, now time.Time) (out []Span) {
	last := inForce(all, now)
	for i, e := range all {
		if i > 0 && e.From.After(last.From) {
			break // comes later
		}
		switch t := e.Texts[d]; {
		case len(out) == 0:
			out = append(out, Span{Text: t, From: e.From})
		case out[0].Version != t.Version:
			out[0].Until = e.From
			out = slices.Insert(out, 0, Span{Text: t, From: e.From})
		}
	}
	return out
}
