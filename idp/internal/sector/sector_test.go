package sector

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/outward"
)

// OpenID Connect Registration §5: every redirect address stands in the list, or the client is refused.
func TestTheListNamesEveryRedirectAddress(t *testing.T) {
	var status int
	var body string
	list := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	defer list.Close()
	c := &client.Client{ID: "rp", RedirectURIs: []string{"https://a.example/cb", "https://b.example/cb"}, Subjects: client.Subjects{SubjectType: client.PairwiseSubjects, SectorURI: list.URL}}
	r := Reader{HTTP: outward.Internet(5*time.Second, true)}
	for name, tt := range map[string]struct {
		status int
		body   string
		good   bool
	}{
		"all":              {200, `["https://a.example/cb","https://c.example/cb","https://b.example/cb"]`, true},
		"one is missing":   {200, `["https://a.example/cb"]`, false},
		"another spelling": {200, `["https://a.example/cb","https://b.example/cb/"]`, false},
		"none":             {200, `[]`, false},
		"null":             {200, `null`, false},
		"an object":        {200, `{"redirect_uris":["https://a.example/cb","https://b.example/cb"]}`, false},
		"numbers":          {200, `["https://a.example/cb","https://b.example/cb",7]`, false},
		"more than one":    {200, `["https://a.example/cb","https://b.example/cb"] []`, false},
		"no JSON":          {200, `https://a.example/cb`, false},
		"too long":         {200, `["https://a.example/cb","https://b.example/cb","` + strings.Repeat("x", listLimit) + `"]`, false},
		"a redirection":    {302, `["https://a.example/cb","https://b.example/cb"]`, false},
		"not there":        {404, `["https://a.example/cb","https://b.example/cb"]`, false},
	} {
		status, body = tt.status, tt.body
		err := r.Check(t.Context(), c)
		var faults *client.Faults
		if (err == nil) != tt.good || err != nil && (!errors.As(err, &faults) || faults.List[0].Member != "sector_identifier_uri") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Security case 39: no list stands on this machine.
	status, body = 200, `["https://a.example/cb","https://b.example/cb"]`
	if err := (Reader{HTTP: outward.Internet(5*time.Second, false)}).Check(t.Context(), c); err == nil {
		t.Error("a list on this machine was read")
	}
	c.SectorURI = ""
	if err := (Reader{}).Check(t.Context(), c); err != nil {
		t.Errorf("without a list: %v", err)
	}
}

// What is taken for a list is an array of texts for every reader of JSON.
func FuzzList(f *testing.F) {
	f.Add([]byte(`["https://a.example/cb"]`))
	f.Add([]byte(`null`))
	f.Add([]byte(`["a",1]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := parse(raw)
		if err != nil {
			return
		}
		var all []any
		if json.Unmarshal(raw, &all) != nil || len(all) != len(list) {
			t.Fatalf("%q was read as %q", raw, list)
		}
	})
}
