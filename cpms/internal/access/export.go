package access

import (
	"context"
	"strconv"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

// ExportMost is how many requests one export holds.
const ExportMost = 2000

// ErrExport says that a filter means more requests than one export holds.
var ErrExport = fault.New(fault.Invalid, "desk.export_most")

// Export gives all requests that a filter means, for a file. It takes names out of this
// service, so it needs the fresh MEDIUM sign-in of a decision, and it is written down for each
// person concerned, and once for who did it. Errors: ErrNoDesk, ErrLevel, ErrBroad, ErrExport.
func (s *Service) Export(ctx context.Context, by person.Person, f Filter, st Strength, acr string) ([]Request, error) {
	networks, err := s.networksOf(ctx, by)
	if err != nil {
		return nil, err
	}
	if !st.Enough(s.Now()) {
		return nil, ErrLevel
	}
	f.After = Cursor{}
	q, ok, err := s.query(ctx, networks, f)
	if err != nil {
		return nil, err
	}
	var rows []Request
	if q.Most = ExportMost + 1; ok {
		if rows, err = s.Store.Search(ctx, q); err != nil {
			return nil, err
		}
	}
	if len(rows) > ExportMost {
		return nil, ErrExport.WithArgs(ExportMost)
	}
	now := s.Now()
	events := []audit.Event{{At: now, Actor: by.ID, Action: "desk.export", Detail: map[string]string{"requests": strconv.Itoa(len(rows)), "state": f.State, "at": f.Network, "acr": acr}}}
	for _, r := range rows {
		if r.PersonID != by.ID {
			events = append(events, s.event(by.ID, r, audit.Exported, acr))
		}
	}
	return rows, s.Store.Record(ctx, now, events)
}
