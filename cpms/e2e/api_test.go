package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/wire"
)

// tool is a program of Anna's on her own computer: a native client of idp that calls cpms.
const tool = `{"client_id": "anna-tool", "client_name": "Anna's tool", "application_type": "native", "redirect_uris": ["http://127.0.0.1/callback"],
 "grant_types": ["authorization_code"], "response_types": ["code"], "token_endpoint_auth_method": "none", "scope": "openid"}`

const verifier = "a-code-verifier-of-forty-three-characters-or-more"

// token lets Anna sign in for her tool, as the challenge of cpms asks, and gives the access token.
func (s *story) token(challenge string, signIn func()) string {
	s.t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {"anna-tool"}, "redirect_uri": {"http://127.0.0.1:1/callback"}, "response_type": {"code"}, "scope": {"openid"}, "state": {"s"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for _, name := range []string{"acr_values", "max_age"} {
		if v := parameter(challenge, name); v != "" {
			q.Set(name, v)
		}
	}
	v := s.v.(*httpVisitor)
	answer := ""
	v.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), "http://127.0.0.1:1/") {
			answer = r.URL.Query().Get("code")
			return http.ErrUseLastResponse
		}
		return nil
	}
	v.open(s.sys.idp.url + "/authorize?" + q.Encode())
	if answer == "" {
		signIn()
	}
	if answer == "" {
		s.t.Fatalf("no code at %s: %s", v.at, v.body())
	}
	resp, err := http.PostForm(s.sys.idp.url+"/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"anna-tool"}, "code": {answer}, "redirect_uri": {"http://127.0.0.1:1/callback"}, "code_verifier": {verifier},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.Token == "" {
		s.t.Fatalf("token endpoint: %s %v", resp.Status, err)
	}
	return got.Token
}

// parameter reads one parameter of a WWW-Authenticate challenge.
func parameter(challenge, name string) string {
	_, rest, ok := strings.Cut(challenge, name+`="`)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func (s *story) call(method, path, token, body string) (int, string, map[string]any) {
	s.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/api/v1/" + path
	}
	req, err := http.NewRequest(method, s.sys.cpms.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		s.t.Fatalf("%s %s: %s %s", method, path, resp.Status, raw)
	}
	return resp.StatusCode, resp.Header.Get("WWW-Authenticate"), out
}

// RFC 9470 through both services: a program submits Anna's draft, hears that her sign-in is
// not strong enough, lets her step up as the challenge says, and submits.
func TestAProgramIsToldToStepUp(t *testing.T) {
	sys := startSystem(t, "CPMS_API_CLIENTS=anna-tool")
	sys.idp.kill()
	if err := os.WriteFile(filepath.Join(sys.dir, "clients", "anna-tool.json"), []byte(tool), 0o644); err != nil {
		t.Fatal(err)
	}
	sys.idp.start()
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("tool")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	s.enterCPMS()
	s.completeProfile()
	id, version := s.draft()
	if code, challenge, _ := s.call("GET", "access", "", ""); code != 401 || challenge != `Bearer realm="cpms"` {
		t.Fatalf("without a token: %d %q", code, challenge)
	}
	s.v = newHTTPVisitor(t) // another browser: nobody is signed in there
	weak := s.token("", func() { s.signIn("password") })
	if code, _, mine := s.call("GET", "access", weak, ""); code != 200 || len(mine["requests"].([]any)) != 1 {
		t.Fatalf("reading: %d %v", code, mine)
	}
	body := `{"version": ` + version + `}`
	code, challenge, problem := s.call("POST", "requests/"+id+"/submit", weak, body)
	if code != 401 || problem["code"] != "bearer.insufficient_user_authentication" || !strings.Contains(parameter(challenge, "acr_values"), "loa/medium") || parameter(challenge, "max_age") != "900" {
		t.Fatalf("too weak: %d %q %v", code, challenge, problem)
	}
	strong := s.token(challenge, func() {
		s.v.sees("asks for a second factor")
		s.v.press("Sign in")
		s.approveOnPhone()
		s.v.open(sys.idp.url + "/login?flow=" + s.v.attr("#wait-status", "data-flow"))
	})
	if code, _, done := s.call("POST", "requests/"+id+"/submit", strong, body); code != 200 || done["request"].(map[string]any)["state"] != "submitted" {
		t.Fatalf("submitting: %d %v", code, done)
	}
	if code, _, again := s.call("POST", "requests/"+id+"/submit", strong, body); code != 409 {
		t.Fatalf("twice: %d %v", code, again)
	}
	if code, _, other := s.call("GET", "requests/"+strings.Repeat("0", 26), strong, ""); code != 404 {
		t.Fatalf("not hers: %d %v", code, other)
	}
	s.asksWhatIsAllowed(strong)
}

// asksWhatIsAllowed walks through the Access Evaluation API of AuthZEN: before a decision and after it,
// alone and in a batch, and what is refused.
func (s *story) asksWhatIsAllowed(token string) {
	t := s.t
	_, _, found := s.call("GET", "/.well-known/authzen-configuration", "", "")
	path, ok := strings.CutPrefix(found["access_evaluation_endpoint"].(string), s.sys.cpms.url)
	if !ok {
		t.Fatalf("%v", found)
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	req, err := http.NewRequest("GET", s.sys.idp.url+"/oauth/userinfo", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&claims); err != nil || claims.Subject == "" {
		t.Fatalf("userinfo: %s %v", resp.Status, err)
	}
	question := func(sub, network string) string {
		return `{"subject": {"type": "user", "id": "` + sub + `"}, "action": {"name": "panel.join"}, "resource": {"type": "network", "id": "` + network + `"}}`
	}
	if code, _, got := s.call("POST", path, token, question(claims.Subject, "ern-eye")); code != 200 || got["decision"] != false || got["context"].(map[string]any)["reason"] != "no_grant" {
		t.Errorf("before the decision: %d %v", code, got)
	}
	s.decide(newHTTPVisitor(t))
	if code, _, got := s.call("POST", path, token, question(claims.Subject, "ern-eye")); code != 200 || got["decision"] != true || got["context"].(map[string]any)["until"] == nil {
		t.Errorf("after it: %d %v", code, got)
	}
	batch := `{"subject": {"type": "user", "id": "` + claims.Subject + `"}, "action": {"name": "access"}, "evaluations": [{"resource": {"type": "network", "id": "ern-eye"}}, {"resource": {"type": "network", "id": "ern-lung"}}]}`
	code, _, got := s.call("POST", path+"s", token, batch)
	if list, ok := got["evaluations"].([]any); code != 200 || !ok || len(list) != 2 || list[0].(map[string]any)["decision"] != true || list[1].(map[string]any)["decision"] != false {
		t.Errorf("a batch: %d %v", code, got)
	}
	for name, c := range map[string]struct {
		token, body string
		status      int
	}{
		"somebody else":    {token, question("n00other", "ern-eye"), 403},
		"no token":         {"", question(claims.Subject, "ern-eye"), 401},
		"a token's rest":   {"nonsense", question(claims.Subject, "ern-eye"), 401},
		"no question":      {token, `{}`, 422},
		"no JSON":          {token, `x`, 422},
		"another resource": {token, strings.Replace(question(claims.Subject, "ern-eye"), `"network"`, `"patient"`, 1), 422},
	} {
		if code, _, got := s.call("POST", path, c.token, c.body); code != c.status {
			t.Errorf("%s: %d %v", name, code, got)
		}
	}
}

// The same over gRPC, by a service with a certificate of its own.
func TestAServiceIsToldToStepUpOverGRPC(t *testing.T) {
	sys := startSystem(t, "CPMS_API_CLIENTS=anna-tool", "CPMS_API_CALLERS=idp")
	sys.idp.kill()
	if err := os.WriteFile(filepath.Join(sys.dir, "clients", "anna-tool.json"), []byte(tool), 0o644); err != nil {
		t.Fatal(err)
	}
	sys.idp.start()
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("grpc")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	s.enterCPMS()
	s.completeProfile()
	id, version := s.draft()
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := wire.Dial(sys.cpms.setting("CPMS_GRPC_ADDR"), "cpms", wire.DevFiles(filepath.Join(sys.dir, "pki"), "idp"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	calls := cpmsv1.NewAccessRequestsClient(conn)
	with := func(token string) context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		t.Cleanup(cancel)
		if token == "" {
			return ctx
		}
		return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	}
	if _, err := calls.ListMine(with(""), &cpmsv1.ListMineRequest{}); status.Code(err) != codes.Unauthenticated {
		t.Fatalf("without a token: %v", err)
	}
	s.v = newHTTPVisitor(t)
	weak := s.token("", func() { s.signIn("password") })
	mine, err := calls.ListMine(with(weak), &cpmsv1.ListMineRequest{})
	if err != nil || len(mine.GetRequests()) != 1 || mine.GetRequests()[0].GetId() != id {
		t.Fatalf("%v %v", mine, err)
	}
	var told metadata.MD
	if _, err = calls.SubmitDraft(with(weak), &cpmsv1.SubmitDraftRequest{Id: id, Version: n}, grpc.Header(&told)); status.Code(err) != codes.Unauthenticated || len(told.Get("www-authenticate")) != 1 {
		t.Fatalf("too weak: %v %v", err, told)
	}
	challenge := told.Get("www-authenticate")[0]
	if parameter(challenge, "max_age") != "900" || !strings.Contains(parameter(challenge, "acr_values"), "loa/medium") {
		t.Fatalf("%q", challenge)
	}
	strong := s.token(challenge, func() {
		s.v.sees("asks for a second factor")
		s.v.press("Sign in")
		s.approveOnPhone()
		s.v.open(sys.idp.url + "/login?flow=" + s.v.attr("#wait-status", "data-flow"))
	})
	done, err := calls.SubmitDraft(with(strong), &cpmsv1.SubmitDraftRequest{Id: id, Version: n})
	if err != nil || done.GetRequest().GetState() != "submitted" {
		t.Fatalf("%v %v", done, err)
	}
	if _, err := calls.SubmitDraft(with(strong), &cpmsv1.SubmitDraftRequest{Id: id, Version: n}); err == nil {
		t.Error("submitted twice")
	}
	stranger, err := wire.Dial(sys.cpms.setting("CPMS_GRPC_ADDR"), "cpms", wire.DevFiles(filepath.Join(sys.dir, "pki"), "cpms"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	if _, err := cpmsv1.NewAccessRequestsClient(stranger).ListMine(with(strong), &cpmsv1.ListMineRequest{}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("a service that is not listed: %v", err)
	}
}

// setting reads one setting of the process.
func (s *service) setting(name string) string {
	for _, e := range s.env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	s.t.Fatalf("%s has no setting %s", s.name, name)
	return ""
}

// draft keeps a complete request without submitting it, and gives its id and version.
func (s *story) draft() (id, version string) {
	v := s.v
	v.open(s.sys.cpms.url + "/request/new")
	for name, value := range map[string]string{"network": "ern-eye", "country": "DE", "hospital": "de-02", "role": "HP", "declaration": "on", "terms": "on"} {
		v.fill(name, value)
	}
	v.press("Save")
	u, err := url.Parse(v.url())
	if err != nil || u.Query().Get("id") == "" {
		s.t.Fatalf("no draft at %s", v.url())
	}
	return u.Query().Get("id"), v.field("version")
}
