package rights

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/session"
)

// Cell is one value of a record: a string, a bool, an int64, a time.Time (zero: never), or a
// map[string]any of what was stored as JSON.
type Cell struct {
	Column string
	Value  any
}

// Table is what one table holds about a person.
type Table struct {
	Name    string
	Records [][]Cell
}

// Copy is everything that is stored about a person at a moment.
type Copy struct {
	MadeAt   time.Time
	Tables   []Table // of EU Login, empty ones too
	Services []Part
}

// Part is what one service stores. Missing says that it did not answer; no JSON then means nothing.
type Part struct {
	Service string
	JSON    json.RawMessage // nil: it stores nothing
	Missing bool
}

// Other is a service that keeps data of people; nil JSON: nothing about this one.
type Other interface {
	Export(ctx context.Context, id ident.AccountID) (json.RawMessage, error)
}

// Sessions lists living sessions.
type Sessions interface {
	List(ctx context.Context, id ident.AccountID) ([]session.Session, error)
}

// Store keeps erasures and reads everything.
type Store interface {
	ErasureStore
	// Stored gives all that the tables hold about a person, in a fixed order.
	Stored(ctx context.Context, id account.ID) ([]Table, error)
	Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error
}

// Copy gives everything that is stored about a person, here and in the services, to that person alone:
// the caller knows that they showed every factor lately. That it was taken is written down first. A
// service that does not answer is named as missing; nothing else is held up by it.
func (s *Service) Copy(ctx context.Context, id account.ID) (Copy, error) {
	now := s.Now()
	if err := s.Store.Record(ctx, now, []audit.Event{audit.CopyTaken(id)}, nil); err != nil {
		return Copy{}, err
	}
	tables, err := s.Store.Stored(ctx, id)
	if err != nil {
		return Copy{}, err
	}
	list, err := s.Sessions.List(ctx, id)
	if err != nil {
		return Copy{}, err
	}
	c := Copy{MadeAt: now, Tables: append(tables, sessions(list), s.subjects(id, tables, list))}
	for name, o := range s.Others {
		raw, err := o.Export(ctx, id)
		c.Services = append(c.Services, Part{Service: name, JSON: raw, Missing: err != nil})
	}
	return c, nil
}

// sessions tells of sign-ins that are under way. Their secrets are no data about the person: with
// them somebody else could act in their place.
func sessions(list []session.Session) Table {
	t := Table{Name: "sessions"}
	for _, s := range list {
		r := []Cell{{"created_at", s.Created}, {"seen_at", s.Seen}, {"browser", s.Browser}, {"address", s.Address}}
		for _, c := range s.Clients {
			r = append(r, Cell{"service", c})
		}
		for _, p := range s.Proofs {
			r = append(r, Cell{"method", string(p.Method)})
		}
		t.Records = append(t.Records, r)
	}
	return t
}

// subjects tells by which sub each service knows the person (OpenID Connect Core §8): of those that were told of
// them, or that a sign-in reaches. It is stored nowhere; of a service that is not registered any more it is lost.
func (s *Service) subjects(id ident.AccountID, tables []Table, list []session.Session) Table {
	var clients []string
	for _, t := range tables {
		for _, r := range t.Records {
			for _, c := range r {
				if name, ok := c.Value.(string); ok && c.Column == "client_id" {
					clients = append(clients, name)
				}
			}
		}
	}
	for _, sess := range list {
		clients = append(clients, sess.Clients...)
	}
	slices.Sort(clients)
	t := Table{Name: "subjects"}
	for _, c := range slices.Compact(clients) {
		if sub := s.Subject(c, id); sub != "" {
			t.Records = append(t.Records, []Cell{{"client_id", c}, {"sub", sub}})
		}
	}
	return t
}

// JSON gives the copy as a file for programs. A time that never came is null; a value that comes
// more than once in a record is a list.
func (c Copy) JSON() ([]byte, error) {
	tables := map[string][]map[string]any{}
	for _, t := range c.Tables {
		tables[t.Name] = []map[string]any{}
		for _, r := range t.Records {
			tables[t.Name] = append(tables[t.Name], object(r))
		}
	}
	services := map[string]any{}
	for _, p := range c.Services {
		switch {
		case p.Missing:
			services[p.Service] = map[string]any{"missing": true}
		case p.JSON != nil:
			services[p.Service] = p.JSON
		}
	}
	return json.MarshalIndent(map[string]any{"made_at": c.MadeAt.UTC(), "eu_login": tables, "services": services}, "", "  ")
}

func object(r []Cell) map[string]any {
	out := map[string]any{}
	for _, c := range r {
		v := c.Value
		if at, ok := v.(time.Time); ok {
			if v = at.UTC(); at.IsZero() {
				v = nil
			}
		}
		switch was := out[c.Column].(type) {
		case nil:
			out[c.Column] = v
		case []any:
			out[c.Column] = append(was, v)
		default:
			out[c.Column] = []any{was, v}
		}
	}
	return out
}
