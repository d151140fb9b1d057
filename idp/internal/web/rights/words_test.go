package rights_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/web"
)

// Everything that a copy can show has words in every language.
func TestEveryColumnHasWords(t *testing.T) {
	for _, lang := range []string{"en", "fr", "de"} {
		raw, err := fs.ReadFile(web.Locales, lang+"/rights.json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatal(err)
		}
		keys := []string{"copy.table.sessions", "copy.table.subjects"}
		for _, c := range strings.Fields("created_at seen_at browser address service method client_id sub") {
			keys = append(keys, "copy.column."+c)
		}
		for _, src := range sqlstore.Personal {
			keys = append(keys, "copy.table."+src.Table)
			for _, c := range strings.Fields(src.Columns) {
				name, _, _ := strings.Cut(c, ":")
				keys = append(keys, "copy.column."+name)
			}
		}
		for _, k := range keys {
			if texts[k] == "" {
				t.Errorf("%s: no words for %s", lang, k)
			}
		}
	}
}
