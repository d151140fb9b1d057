package storetest

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/person"
)

// path brings a fresh request to a state.
func (w *world) path(p, c person.Person, to access.State) access.Request {
	w.t.Helper()
	if to == access.Draft {
		r, err := w.access.SaveDraft(w.t.Context(), p, form())
		w.must(err)
		return r
	}
	r := w.submit(p, form())
	do := map[access.State]access.Command{access.Approved: access.Approve, access.Rejected: access.Reject, access.MoreInfo: access.AskMore, access.Withdrawn: access.Withdraw}[to]
	if do != "" {
		w.must(w.command(p, c, r, do))
	}
	return w.stored(r.ID)
}

// command gives a command through the service, on the version that is stored.
func (w *world) command(p, c person.Person, r access.Request, do access.Command) (err error) {
	ctx := w.t.Context()
	f := form()
	f.ID, f.Version = r.ID, r.Version
	switch do {
	case access.Save:
		_, err = w.access.SaveDraft(ctx, p, f)
	case access.Submit:
		_, err = w.access.Submit(ctx, p, f, true, w.strong(), "medium")
	case access.Answer:
		_, err = w.access.Answer(ctx, p, r.ID, r.Version, "an answer")
	case access.Withdraw:
		_, err = w.access.Withdraw(ctx, p, r.ID, r.Version)
	case access.Approve, access.AskMore, access.Reject:
		_, err = w.access.Decide(ctx, c, p, r.ID, r.Version, access.Decision{Do: do, Text: "text"}, w.strong(), "medium")
	}
	return err
}

// The services do what the table says, in every state and for every command, and nothing else.
func TestTheServicesFollowTheTable(t *testing.T) {
	w := one(t)
	c := w.coordinator("elena", "ern-eye")
	sides := map[access.Who][]access.Command{
		access.Requester:   {access.Save, access.Submit, access.Answer, access.Withdraw},
		access.Coordinator: {access.Approve, access.AskMore, access.Reject},
	}
	n := 0
	for _, from := range []access.State{access.Draft, access.Submitted, access.MoreInfo, access.Approved, access.Rejected, access.Withdrawn} {
		for who, commands := range sides {
			for _, do := range commands {
				n++
				p := w.person(name("p", n))
				r := w.path(p, c, from)
				if r.State != from {
					t.Fatalf("%s, not %s", r.State, from)
				}
				want, ok := access.Next(from, who, do)
				err := w.command(p, c, r, do)
				if now := w.stored(r.ID); now.State != want || (err == nil) != ok {
					t.Errorf("%s %s %s: %s, %v; the table says %s, %v", from, who, do, now.State, err, want, ok)
				} else if !ok && (now.Version != r.Version || !errors.Is(err, access.ErrState) && !errors.Is(err, access.ErrUnknown)) {
					t.Errorf("%s %s %s: refused by %v", from, who, do, err)
				}
			}
		}
	}
}

// Append-only is a promise of the source: no statement of this service changes the trail.
func TestNoStatementChangesTheAuditTrail(t *testing.T) {
	files, err := filepath.Glob("../sqlstore/*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	writes := 0
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if regexp.MustCompile(`(?is)(UPDATE|DELETE\s+FROM|TRUNCATE)\s+audit_events`).Match(raw) {
			t.Errorf("%s changes the audit trail", f)
		}
		writes += len(regexp.MustCompile(`INSERT INTO audit_events`).FindAll(raw, -1))
	}
	if writes != 1 {
		t.Errorf("%d places write events", writes)
	}
}

func TestTheDocumentListsEveryEvent(t *testing.T) {
	raw, err := os.ReadFile("../../docs/request-lifecycle.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []inbox.Kind{inbox.EmailChanged, inbox.NameChanged, inbox.FactorsReset, inbox.Locked, inbox.Disabled, inbox.Erased, inbox.SessionEnded} {
		if !regexp.MustCompile(`(?m)^\| .*\b` + string(kind) + `\b.* \| .+ \|$`).Match(raw) {
			t.Errorf("%s is not in the table", kind)
		}
	}
}
