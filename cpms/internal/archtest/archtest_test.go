// Package archtest holds the import rules of cpms as a test: rules are pure, stores are dumb,
// edges are thin, and only app knows all.
package archtest

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const base = "eulogin.example/cpms/internal/"

type pkg struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "eulogin.example/cpms/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// only says who may import a package that is dangerous or heavy.
var only = map[string][]string{
	"github.com/redis/go-redis/v9":            {}, // kit/kv alone
	"database/sql":                            {"sqlstore"},
	"github.com/zitadel/oidc/v3/pkg/oidc":     {"signin"},
	"github.com/zitadel/oidc/v3/pkg/client":   {"signin"},
	"eulogin.example/cpms/internal/sqlstore":  {"app"},
	"eulogin.example/cpms/internal/app":       {},
	"eulogin.example/cpms/internal/assurance": {"app"},
}

func TestOnlyTheseMayImport(t *testing.T) {
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, base)
		for _, i := range p.Imports {
			if allowed, ruled := only[i]; ruled && !slices.Contains(allowed, name) && !strings.Contains(p.ImportPath, "/cmd/") {
				t.Errorf("%s imports %s", name, i)
			}
		}
	}
}

// rules are packages that know neither HTTP nor any store.
var rules = []string{"ident", "plain", "network", "person", "profile", "access", "terms", "rights", "admin", "audit", "session", "inbox", "jobs"}

func TestRulesKnowNoEdgeAndNoStore(t *testing.T) {
	seen := 0
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, base)
		if !slices.Contains(rules, name) {
			continue
		}
		seen++
		for _, i := range p.Imports {
			if i == "net/http" || i == "html/template" || strings.HasPrefix(i, base+"web") || strings.HasPrefix(i, base+"sqlstore") || strings.HasPrefix(i, base+"signin") {
				t.Errorf("%s imports %s", name, i)
			}
		}
	}
	if seen != len(rules) {
		t.Errorf("%d of %d packages with rules were found", seen, len(rules))
	}
}

// Pages share guard and show; areas do not know each other.
func TestAreasDoNotKnowEachOther(t *testing.T) {
	shared := []string{base + "web", base + "web/guard", base + "web/show"}
	for _, p := range list(t) {
		if !strings.HasPrefix(p.ImportPath, base+"web/") {
			continue
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, base+"web/") && !slices.Contains(shared, i) {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
		}
	}
}
