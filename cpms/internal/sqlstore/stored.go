package sqlstore

import (
	"context"
	"encoding/json"
	"strings"

	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/rights"
	"eulogin.example/proto/kit/sqldb"
)

// Stored gives all that is stored about a person: the tables of Personal, then the messages that
// wait for them.
func (s *Store) Stored(ctx context.Context, p person.Person) (out []rights.Table, err error) {
	for _, src := range Personal {
		t, err := s.read(ctx, src, p.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	waiting, err := s.waiting(ctx, p)
	return append(out, waiting...), err
}

// read gives a person's part of a table, in the order of its columns.
func (s *Store) read(ctx context.Context, src Source, personID string) (rights.Table, error) {
	names, kinds := src.columns()
	list := strings.Join(names, ", ")
	rows, err := s.db.QueryContext(ctx, `SELECT `+list+` FROM `+src.Table+` WHERE `+src.Where+` ORDER BY `+list, personID)
	records, err := all(rows, err, func(r interface{ Scan(...any) error }) ([]rights.Cell, error) {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		if err := r.Scan(values...); err != nil {
			return nil, err
		}
		record := make([]rights.Cell, len(names))
		for i, name := range names {
			v, err := value(kinds[i], *values[i].(*any))
			if err != nil {
				return nil, err
			}
			record[i] = rights.Cell{Column: name, Value: v}
		}
		return record, nil
	})
	return rights.Table{Name: src.Table, Records: records}, err
}

// columns gives the names and kinds of the columns that are given out.
func (src Source) columns() (names, kinds []string) {
	for _, c := range strings.Fields(src.Columns) {
		name, kind, _ := strings.Cut(c, ":")
		names, kinds = append(names, name), append(kinds, kind)
	}
	return names, kinds
}

// value makes of what a driver gives what a copy holds.
func value(kind string, v any) (any, error) {
	switch raw := v.(type) {
	case []byte:
		return text(kind, string(raw))
	case string:
		return text(kind, raw)
	case int64:
		switch kind {
		case "time":
			return sqldb.FromMicros(raw), nil
		case "bool": // SQLite has none
			return raw != 0, nil
		}
	}
	return v, nil
}

func text(kind, s string) (any, error) {
	if kind != "json" {
		return s, nil
	}
	var out map[string]any
	err := json.Unmarshal([]byte(s), &out)
	return out, err
}
