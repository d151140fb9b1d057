// Package archtest holds the import rules of idp as a test: rules are pure, stores are dumb,
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

const base = "eulogin.example/idp/internal/"

type pkg struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "eulogin.example/idp/...").Output()
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
	"github.com/redis/go-redis/v9":                {}, // kit/kv alone
	"database/sql":                                {"sqlstore"},
	"github.com/zitadel/oidc/v3/pkg/op":           {"provider"},
	"github.com/zitadel/oidc/v3/pkg/oidc":         {"provider"},
	"eulogin.example/idp/internal/sqlstore":       {"app", "rpc", "accounttest", "phonetest", "phonetest/house", "codetest", "provider"},
	"eulogin.example/idp/internal/notify/devsink": {"app", "web/devoutbox"},
	"eulogin.example/idp/internal/app":            {},
	"github.com/emersion/go-smtp":                 {"notify/devsink"},
	"github.com/miekg/pkcs11":                     {"pkcs11"},
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
var rules = []string{
	"account",
	"activity",
	"address",
	"audit",
	"claims",
	"client",
	"consent",
	"factor",
	"factor/challenge",
	"factor/journal",
	"factor/password",
	"factor/phone",
	"factor/recovery",
	"factor/sms",
	"factor/totp",
	"factor/webauthn",
	"grant",
	"ident",
	"limit",
	"login",
	"mailproof",
	"manage",
	"pairwise",
	"policy",
	"recover",
	"registration",
	"seal",
	"session",
	"signing",
	"signout",
	"signup",
}

func TestRulesKnowNoEdgeAndNoStore(t *testing.T) {
	seen := 0
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, base)
		if !slices.Contains(rules, name) {
			continue
		}
		seen++
		for _, i := range p.Imports {
			if i == "net/http" || i == "html/template" || strings.HasPrefix(i, base+"web") || strings.HasPrefix(i, base+"sqlstore") || strings.HasPrefix(i, base+"provider") || strings.HasPrefix(i, "eulogin.example/proto/kit/page") {
				t.Errorf("%s imports %s", name, i)
			}
		}
	}
	if seen != len(rules) {
		t.Errorf("%d of %d packages with rules were found", seen, len(rules))
	}
}

// Pages share browser, farewell, newpassword and the site; areas do not know each other.
func TestAreasDoNotKnowEachOther(t *testing.T) {
	shared := []string{base + "web", base + "web/browser", base + "web/farewell", base + "web/newpassword", base + "web/qr", base + "web/told"}
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
