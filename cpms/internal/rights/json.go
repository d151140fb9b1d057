package rights

import (
	"encoding/json"
	"strings"
	"time"
)

func join(list []string) string { return strings.Join(list, " ") }

// JSON gives the copy as a file for programs: the tables by name, each a list of records. A time
// that never came is null.
func (c Copy) JSON() ([]byte, error) {
	tables := map[string][]map[string]any{}
	for _, t := range c.Tables {
		records := []map[string]any{}
		for _, r := range t.Records {
			record := map[string]any{}
			for _, cell := range r {
				record[cell.Column] = plainValue(cell.Value)
			}
			records = append(records, record)
		}
		tables[t.Name] = records
	}
	return json.MarshalIndent(map[string]any{"made_at": c.MadeAt.UTC(), "tables": tables}, "", "  ")
}

func plainValue(v any) any {
	at, ok := v.(time.Time)
	if !ok {
		return v
	}
	if at.IsZero() {
		return nil
	}
	return at.UTC()
}
