package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// rehearsal is a run of the integration check, as a developer's program drives it.
type rehearsal struct {
	t      *testing.T
	sys    *system
	client string
	key    *ecdsa.PrivateKey // of the assertions that begin runs
	run    string
	page   string
}

// verdicts is the part of the report that is read here.
type verdicts struct {
	Full  bool
	Score struct{ Passed, Failed, Open, Skipped, Of, Advice int }
	Cases []struct{ Case, Part, Duty, Verdict string }
}

// rehearse makes a client one of the check: it gets a further key, and idp is started again.
func rehearse(t *testing.T, sys *system, client string, metadata map[string]any) *rehearsal {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(jose.JSONWebKey{Key: key.Public(), KeyID: "rehearsal", Algorithm: "ES256", Use: "sig"})
	if err != nil {
		t.Fatal(err)
	}
	jwks, _ := metadata["jwks"].(map[string]any)
	keys, _ := jwks["keys"].([]any)
	metadata["jwks"] = map[string]any{"keys": append(keys, json.RawMessage(raw))}
	metadata["integration_check"] = true
	sys.adds(metadata)
	return &rehearsal{t: t, sys: sys, client: client, key: key}
}

func (r *rehearsal) issuer() string { return r.sys.idp.url + "/check/" + r.client }

// assertion authenticates the client.
func (r *rehearsal) assertion() string {
	r.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: r.key, KeyID: "rehearsal"}}, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	now := time.Now().Unix()
	claims, _ := json.Marshal(map[string]any{"iss": r.client, "sub": r.client, "aud": r.issuer(), "jti": rand.Text(), "iat": now, "exp": now + 60})
	jws, err := signer.Sign(claims)
	if err != nil {
		r.t.Fatal(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// call sends a form to idp and reads the answer.
func (r *rehearsal) call(path string, form url.Values, into any) {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.sys.idp.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil || resp.StatusCode/100 != 2 {
		r.t.Fatalf("%s: %s %v", path, resp.Status, err)
	}
}

func (r *rehearsal) begin() {
	r.t.Helper()
	var got struct{ Run, Page string }
	r.call("/integration/runs", url.Values{"client_id": {r.client}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {r.assertion()}}, &got)
	r.run, r.page = got.Run, got.Page
}

// play plays a case, lets somebody try to sign in, and tells how that went.
func (r *rehearsal) play(id string, signsIn func() bool) {
	r.t.Helper()
	var report verdicts
	r.call("/integration/runs/"+r.run+"/cases/"+id+"/play", url.Values{}, &report)
	told := "no"
	if signsIn() {
		told = "yes"
	}
	r.call("/integration/runs/"+r.run+"/cases/"+id+"/tell", url.Values{"signed_in": {told}}, &report)
}

// report reads the run.
func (r *rehearsal) report() (got verdicts) {
	r.t.Helper()
	raw, err := get(r.t.Context(), r.page+".json")
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// through plays every case.
func (r *rehearsal) through(signsIn func() bool) verdicts {
	r.t.Helper()
	for _, c := range r.report().Cases {
		if c.Part == "logout" {
			var report verdicts
			r.call("/integration/runs/"+r.run+"/cases/"+c.Case+"/play", url.Values{}, &report)
			continue
		}
		if c.Case == "rotation" {
			time.Sleep(11 * time.Second) // careful services do not ask for keys again and again
		}
		r.play(c.Case, signsIn)
	}
	return r.report()
}

// metadataOf reads what is registered for a client.
func (s *system) metadataOf(client string) (m map[string]any) {
	s.t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.dir, "clients", client+".json"))
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}
