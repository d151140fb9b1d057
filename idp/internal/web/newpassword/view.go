package newpassword

import (
	"encoding/json"
	"net/http"

	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/proto/kit/fault"
)

// Template is the name of the page.
const Template = "password/choose"

// Source gives the active rule and fresh samples; package password's Service is one.
type Source interface {
	Rule() password.Rule
	Samples() [3]string
}

// View is the page's data. What was typed as a password is never part of it.
type View struct {
	Title, Intro string // keys of the catalogue
	Action       string // path of the page; a GET of it shows other samples
	User         string // e-mail address, read-only
	NeedCurrent  bool   // ask for the password in use, too
	Cancel       string // path that "Cancel" leads to; "" for no such link
	Errors       map[string]fault.Message
	Rule         password.Rule
	Groups       []string // keys of the rule's groups
	Specials     string
	Samples      [3]string
}

// Fill adds the rule and three samples.
func Fill(v View, s Source) View {
	v.Rule, v.Samples, v.Specials = s.Rule(), s.Samples(), password.Specials
	v.Groups = []string{"password.group.upper", "password.group.lower", "password.group.digit"}
	return v
}

// Typed reads the form.
func Typed(r *http.Request) (current, plain, confirm string) {
	return r.PostFormValue("current"), r.PostFormValue("password"), r.PostFormValue("confirm")
}

// Samples answers GET /password/samples, for "Generate other sample passwords" without
// loading the page anew.
func Samples(s Source) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		samples := s.Samples()
		_ = json.NewEncoder(w).Encode(map[string][]string{"samples": samples[:]}) // the person has gone
	}
}
