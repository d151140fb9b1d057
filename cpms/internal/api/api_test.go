package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/api"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/receipt"
	"eulogin.example/cpms/internal/signin"
	"eulogin.example/cpms/internal/sqlstore"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/bearer"
	"eulogin.example/proto/kit/kv"
)

const issuer = "https://idp.example"

// tokens is an authorization server in one function: a token is "LEVEL SUBJECT".
type tokens struct{}

func (tokens) Introspect(_ context.Context, handle string) (bearer.Token, error) {
	level, sub, ok := strings.Cut(handle, "~")
	if !ok {
		return bearer.Token{}, bearer.ErrInvalid
	}
	acr := map[string]string{"basic": "", "medium": signin.ACRMedium}[level]
	return bearer.Token{Issuer: issuer, Subject: sub, ClientID: "tool", Scopes: []string{"openid"}, ACR: acr, AuthTime: time.Now()}, nil
}

// known is what idp says of everybody.
type known struct{}

func (known) Get(context.Context, person.Person) (access.Known, error) {
	return access.Known{Active: true, Level: 10, SecondFactor: true}, nil
}

// world is the interface on a real store.
type world struct {
	t      *testing.T
	store  *sqlstore.Store
	people *person.Service
	mux    *http.ServeMux
}

func start(t *testing.T) *world {
	t.Helper()
	db := backendtest.SQLite(t, sqlstore.Migrations())
	w := &world{t: t, store: sqlstore.New(db), mux: http.NewServeMux()}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	ring, err := receipt.New(t.Context(), w.store, bytes.Repeat([]byte{7}, 32), time.Now, rand.Reader)
	w.must(err)
	w.people = &person.Service{Store: w.store, Now: time.Now, Random: rand.Reader}
	a := &api.API{
		Guard: &bearer.Guard{Introspector: tokens{}, Realm: "cpms", Now: time.Now, Log: log}, People: w.people, Profiles: &profile.Service{Store: w.store, Now: time.Now},
		Access:    &access.Service{Store: w.store, Assurance: known{}, Shown: known{}, Now: time.Now, Random: rand.Reader, BaseURL: "https://cpms.example", Receipts: ring},
		Evaluator: &access.Evaluator{Store: w.store, Now: time.Now}, KV: kv.NewEmbedded(db, time.Now), PageKey: bytes.Repeat([]byte{9}, 32), BaseURL: "https://cpms.example", Now: time.Now, Log: log,
	}
	w.must(a.Mount(t.Context(), w.mux))
	for _, sub := range []string{"anna", "bert", "elena"} {
		_, err := w.people.Ensure(t.Context(), person.Claims{Issuer: issuer, Subject: sub, GivenName: sub, FamilyName: "Test", Email: sub + "@example.org", Locale: "en"})
		w.must(err)
	}
	w.must((&access.Operator{Store: w.store, Now: time.Now}).GrantRole(t.Context(), issuer, "elena", access.CoordinatorRole, "ern-eye"))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

type body = map[string]any

// call makes one call with a token ("" is none) and gives status, header and answer.
func (w *world) call(method, path, token string, in any, header ...string) (int, http.Header, body) {
	w.t.Helper()
	var raw []byte
	if in != nil {
		var err error
		raw, err = json.Marshal(in)
		w.must(err)
	}
	r := httptest.NewRequest(method, "/api/v1/"+path, bytes.NewReader(raw))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	var out body
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		w.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	return rec.Code, rec.Header(), out
}

// ok makes a call that must succeed.
func (w *world) ok(method, path, token string, in any, header ...string) body {
	w.t.Helper()
	code, _, out := w.call(method, path, token, in, header...)
	if code != http.StatusOK {
		w.t.Fatalf("%s %s: %d %v", method, path, code, out)
	}
	return out
}

var page = body{
	"professional_email": "anna@hospital.example", "country": "DE", "hospital": "de-02", "profession": "physician", "specialty": "Ophthalmology",
	"affiliation": "full_member", "networks": []string{"ern-eye"}, "languages": []string{"en"},
}

func draft() body {
	return body{"network": "ern-eye", "country": "DE", "hospital": "de-02", "role": "HP", "declaration": true, "terms": true}
}

// submitted makes a complete profile and a submitted request of somebody, and gives its id.
func (w *world) submitted(sub string) string {
	w.t.Helper()
	weak, strong := "basic~"+sub, "medium~"+sub
	saved := w.ok("PUT", "profile", weak, body{"profile": page, "version": 0})
	if saved["complete"] != true {
		w.t.Fatalf("%v", saved)
	}
	read := w.ok("GET", "profile", weak, nil)
	d := draft()
	d["terms_version"] = read["terms_version"]
	kept := w.ok("POST", "requests", weak, body{"draft": d})["request"].(body)
	id := kept["id"].(string)
	done := w.ok("POST", "requests/"+id+"/submit", strong, body{"version": kept["version"]})["request"].(body)
	if done["state"] != "submitted" {
		w.t.Fatalf("%v", done)
	}
	return id
}

// The whole of it by programs alone: profile, draft, submission, question, answer, approval, access that is given
// back, and access that is taken back.
func TestARequestByProgramsAlone(t *testing.T) {
	w := start(t)
	id := w.submitted("anna")
	desk := "medium~elena"
	queue := w.ok("GET", "queue?network=ern-eye", desk, nil)["requests"].([]any)
	if len(queue) != 1 || queue[0].(body)["id"] != id || queue[0].(body)["asked"] != nil {
		t.Fatalf("%v", queue)
	}
	file := w.ok("GET", "queue/"+id, desk, nil)
	if file["name"] != "anna Test" || file["profile"].(body)["specialty"] != "Ophthalmology" {
		t.Errorf("%v", file)
	}
	version := func() any { return w.ok("GET", "requests/"+id, "basic~anna", nil)["request"].(body)["version"] }
	asked := w.ok("POST", "queue/"+id+"/decide", desk, body{"version": version(), "verdict": "VERDICT_ASK", "text": "Which clinic?"})
	if asked["request"].(body)["state"] != "more_info" {
		t.Errorf("%v", asked)
	}
	answered := w.ok("POST", "requests/"+id+"/answer", "basic~anna", body{"version": version(), "text": "The eye clinic."})
	if answered["request"].(body)["state"] != "submitted" {
		t.Errorf("%v", answered)
	}
	w.ok("POST", "queue/"+id+"/decide", desk, body{"version": version(), "verdict": "VERDICT_APPROVE"})
	mine := w.ok("GET", "access", "basic~anna", nil)["access"].([]any)
	if len(mine) != 1 || mine[0].(body)["status"] != "active" {
		t.Fatalf("%v", mine)
	}
	w.ok("POST", "requests/"+id+"/remarks", "basic~anna", body{"text": "Thank you."})
	w.ok("POST", "requests/"+id+"/remarks", desk, body{"text": "Welcome."})
	w.ok("POST", "requests/"+id+"/remarks", desk, body{"text": "Known to me.", "private": true})
	if hers, theirs := len(w.ok("GET", "requests/"+id+"/remarks", "basic~anna", nil)["remarks"].([]any)), len(w.ok("GET", "requests/"+id+"/remarks", desk, nil)["remarks"].([]any)); hers != 4 || theirs != 5 {
		t.Errorf("she reads %d parts, the desk %d", hers, theirs)
	}
	if code, _, out := w.call("POST", "requests/"+id+"/remarks", "basic~anna", body{"text": "x", "private": true}); code != 404 {
		t.Errorf("a requester's note for the desk: %d %v", code, out)
	}
	if code, _, out := w.call("POST", "requests/"+id+"/remarks", "basic~elena", body{"text": "x"}); code != 403 || out["code"] != "request.level" {
		t.Errorf("a weak remark at the desk: %d %v", code, out)
	}
	if got := w.ok("GET", "requests/"+id+"/receipts", "basic~anna", nil)["receipts"].([]any); len(got) != 2 || got[0].(body)["jws"] == "" {
		t.Errorf("%v", got)
	}
	if code, _, out := w.call("POST", "access/"+mine[0].(body)["id"].(string)+"/extend", "basic~anna", body{}); code != 409 || out["code"] != "grant.over" {
		t.Errorf("extended on the first day: %d %v", code, out)
	}
	w.ok("POST", "queue/"+id+"/revoke", desk, body{"version": version(), "reason": "Left."})
	if got := w.ok("GET", "access", "basic~anna", nil)["access"].([]any)[0].(body)["status"]; got != "revoked" {
		t.Errorf("%v", got)
	}
	other := w.submitted("bert")
	v := w.ok("GET", "requests/"+other, "basic~bert", nil)["request"].(body)["version"]
	w.ok("POST", "queue/"+other+"/decide", desk, body{"version": v, "verdict": "VERDICT_APPROVE"})
	his := w.ok("GET", "access", "basic~bert", nil)["access"].([]any)[0].(body)["id"].(string)
	w.ok("POST", "access/"+his+"/giveback", "basic~bert", body{})
	third := w.ok("POST", "requests", "basic~bert", body{"draft": draft()})["request"].(body)
	w.ok("POST", "requests/"+third["id"].(string)+"/withdraw", "basic~bert", body{"version": third["version"]})
}

// Several decisions with a result each, undone; and a deputy named and ended.
func TestADeskByProgramsAlone(t *testing.T) {
	w := start(t)
	id, desk := w.submitted("anna"), "medium~elena"
	v := w.ok("GET", "requests/"+id, "basic~anna", nil)["request"].(body)["version"]
	many := w.ok("POST", "decisions", desk, body{"chosen": []body{{"id": id, "version": v}}, "verdict": "VERDICT_APPROVE"})
	outcome := many["outcomes"].([]any)[0].(body)
	if outcome["result"] != "done" || outcome["undo_until"] == nil {
		t.Fatalf("%v", many)
	}
	if got := w.ok("GET", "access", "basic~anna", nil)["access"].([]any)[0].(body)["status"]; got != "pending" {
		t.Errorf("%v", got)
	}
	undone := w.ok("POST", "decisions/"+many["choice"].(string)+"/undo", desk, body{})["outcomes"].([]any)[0].(body)
	if undone["result"] != "undone" || len(w.ok("GET", "access", "basic~anna", nil)["access"].([]any)) != 0 {
		t.Errorf("%v", undone)
	}
	for _, verdict := range []any{"VERDICT_ASK", "VERDICT_UNSPECIFIED"} {
		if code, _, out := w.call("POST", "decisions", desk, body{"chosen": []body{{"id": id, "version": v}}, "verdict": verdict}); code != 422 || out["code"] != "api.invalid" {
			t.Errorf("%v: %d %v", verdict, code, out)
		}
	}
	v = w.ok("GET", "requests/"+id, "basic~anna", nil)["request"].(body)["version"]
	w.ok("POST", "queue/"+id+"/decide", desk, body{"version": v, "verdict": "VERDICT_APPROVE"})
	days := func(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.RFC3339) }
	named := body{"network": "ern-eye", "email": "anna@example.org", "starts_at": days(0), "ends_at": days(3)}
	if code, _, out := w.call("POST", "deputies", "medium~bert", named); code != 403 || out["code"] != "desk.none" {
		t.Errorf("%d %v", code, out)
	}
	deputy := w.ok("POST", "deputies", desk, named)["id"].(string)
	if got := w.ok("GET", "deputies", "basic~anna", nil)["deputies"].([]any); len(got) != 1 || got[0].(body)["coordinator"] != "elena Test" {
		t.Errorf("%v", got)
	}
	if code, _, _ := w.call("POST", "deputies/"+deputy+"/end", "medium~bert", body{}); code != 404 {
		t.Errorf("ended by a stranger: %d", code)
	}
	w.ok("POST", "deputies/"+deputy+"/end", "basic~anna", body{})
}

// What every call refuses: no token, a weak one where a strong one is wanted, somebody else's.
func TestWhatCallsRefuse(t *testing.T) {
	w := start(t)
	id := w.submitted("anna")
	calls := map[string]any{
		"GET access": nil, "GET requests/" + id: nil, "POST requests": body{"draft": draft()}, "POST requests/" + id + "/submit": body{"version": 1},
		"POST requests/" + id + "/answer": body{"version": 2, "text": "x"}, "POST requests/" + id + "/withdraw": body{"version": 2},
		"GET queue": nil, "GET queue/" + id: nil, "POST queue/" + id + "/decide": body{"version": 2, "verdict": "VERDICT_APPROVE"}, "POST queue/" + id + "/revoke": body{"version": 2, "reason": "x"},
		"POST access/" + id + "/giveback": body{}, "POST access/" + id + "/extend": body{}, "GET profile": nil, "PUT profile": body{"profile": body{}, "version": 1},
		"GET requests/" + id + "/remarks": nil, "POST requests/" + id + "/remarks": body{"text": "x"}, "GET requests/" + id + "/receipts": nil,
		"POST decisions": body{"chosen": []body{{"id": id, "version": 2}}, "verdict": "VERDICT_APPROVE"}, "POST decisions/" + id + "/undo": body{},
		"GET deputies": nil, "POST deputies": body{"network": "ern-eye", "email": "a@b.example", "starts_at": "2026-11-24T00:00:00Z", "ends_at": "2026-11-25T00:00:00Z"}, "POST deputies/" + id + "/end": body{},
	}
	for call, in := range calls {
		method, path, _ := strings.Cut(call, " ")
		code, header, out := w.call(method, path, "", in)
		if code != 401 || header.Get("WWW-Authenticate") != `Bearer realm="cpms"` || header.Get("Cache-Control") != "no-store" || header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s without a token: %d %v %v", call, code, header, out)
		}
		if code, header, _ := w.call(method, path, "nonsense", in); code != 401 || !strings.Contains(header.Get("WWW-Authenticate"), "invalid_token") {
			t.Errorf("%s with nonsense: %d %v", call, code, header)
		}
		if strings.Contains(path, "submit") || strings.Contains(path, "decide") || strings.Contains(path, "revoke") || strings.HasPrefix(path, "decisions") || call == "POST deputies" {
			if code, header, _ := w.call(method, path, "basic~elena", in); code != 401 || !strings.Contains(header.Get("WWW-Authenticate"), "insufficient_user_authentication") {
				t.Errorf("%s with a weak token: %d %v", call, code, header)
			}
		}
		if strings.Contains(path, id) || path == "queue" {
			if code, _, out := w.call(method, path, "medium~bert", in); code != 404 && code != 403 {
				t.Errorf("%s by somebody else: %d %v", call, code, out)
			}
		}
		if code, _, out := w.call(method, path, "medium~stranger", in); code != 404 || out["code"] != "person.unknown" {
			t.Errorf("%s by nobody: %d %v", call, code, out)
		}
		if method != "GET" {
			if code, _, _ := w.call(method, path, "medium~anna", in, "Content-Type", "text/plain"); code != 422 {
				t.Errorf("%s as a form of a page could send it: %d", call, code)
			}
		}
	}
	if code, _, out := w.call("GET", "nothing", "medium~anna", nil); code != 404 || out["code"] != "api.no_such_call" {
		t.Errorf("%d %v", code, out)
	}
	if code, _, out := w.call("DELETE", "access", "medium~anna", body{}); code != 404 || out["code"] != "api.no_such_call" {
		t.Errorf("%d %v", code, out)
	}
}

// Field rules of the contract, told field by field, before anything else looks at the message.
func TestFieldRules(t *testing.T) {
	w := start(t)
	id := strings.Repeat("0", 26)
	for _, c := range []struct {
		call  string
		in    any
		field string
	}{
		{"GET requests/short", nil, "id"}, {"GET access?page_size=101", nil, "page_size"}, {"GET access?page_size=-1", nil, "page_size"},
		{"POST requests", body{}, "draft"}, {"POST requests", body{"draft": body{"justification": strings.Repeat("x", 2001)}}, "draft.justification"},
		{"POST requests", body{"draft": body{"duration_days": 91}}, "draft.duration_days"}, {"POST requests/" + id + "/submit", body{}, "version"},
		{"POST requests/" + id + "/answer", body{"version": 1}, "text"}, {"POST queue/" + id + "/decide", body{"version": 1}, "verdict"},
		{"POST queue/" + id + "/decide", body{"version": 1, "verdict": 9}, "verdict"}, {"POST queue/" + id + "/revoke", body{"version": 1}, "reason"},
		{"PUT profile", body{"version": 0}, "profile"}, {"PUT profile", body{"profile": body{"languages": []string{"english"}}}, "profile.languages[0]"},
	} {
		method, path, _ := strings.Cut(c.call, " ")
		code, _, out := w.call(method, path, "medium~elena", c.in)
		fields, _ := out["fields"].(body)
		if code != 422 || out["code"] != "api.invalid" || fields[c.field] == nil {
			t.Errorf("%s %v: %d %v, not %s", c.call, c.in, code, out, c.field)
		}
	}
	for _, raw := range []any{"text", []int{1}, body{"unknown": 1}, body{"version": "x"}} {
		if code, _, out := w.call("POST", "requests", "medium~anna", raw); code != 422 || out["code"] != "api.body" {
			t.Errorf("%v: %d %v", raw, code, out)
		}
	}
	if code, _, out := w.call("POST", "requests", "medium~anna", body{"draft": body{"justification": strings.Repeat("x", 70<<10)}}); code != 422 {
		t.Errorf("a body that is too long: %d %v", code, out)
	}
}

// The same call with the same key is made once.
func TestIdempotencyKeys(t *testing.T) {
	w := start(t)
	key := func(k string) []string { return []string{"Idempotency-Key", k} }
	first := w.ok("POST", "requests", "basic~anna", body{"draft": draft()}, key("one")...)["request"].(body)
	again := w.ok("POST", "requests", "basic~anna", body{"draft": draft()}, key("one")...)["request"].(body)
	if first["id"] != again["id"] {
		t.Errorf("%v %v", first, again)
	}
	if other := w.ok("POST", "requests", "basic~anna", body{"draft": draft()}, key("two")...)["request"].(body); other["id"] == first["id"] {
		t.Error("another key gave the first answer")
	}
	if bert := w.ok("POST", "requests", "basic~bert", body{"draft": draft()}, key("one")...)["request"].(body); bert["id"] == first["id"] {
		t.Error("another person got the first answer")
	}
	if code, _, out := w.call("POST", "requests", "basic~anna", body{"draft": body{"network": "ern-lung"}}, key("one")...); code != 422 || out["code"] != "idempotency.reused" {
		t.Errorf("%d %v", code, out)
	}
	if code, _, out := w.call("POST", "requests", "basic~anna", body{"draft": draft()}, key(strings.Repeat("k", 101))...); code != 422 || out["code"] != "idempotency.key" {
		t.Errorf("%d %v", code, out)
	}
	for range 2 { // what failed can be tried again
		if code, _, out := w.call("POST", "requests/"+first["id"].(string)+"/withdraw", "basic~anna", body{"version": 7}, key("three")...); code != 409 || out["code"] != "request.changed" {
			t.Errorf("%d %v", code, out)
		}
	}
	w.ok("POST", "requests/"+first["id"].(string)+"/withdraw", "basic~anna", body{"version": first["version"]}, key("four")...)
	w.ok("GET", "access", "basic~anna", nil, key("five")...)
	w.ok("POST", "requests", "basic~anna", body{"draft": draft()})
	if got := w.ok("GET", "access", "basic~anna", nil, key("five")...)["requests"].([]any); len(got) != 3 {
		t.Errorf("a reading call was answered from memory: %d", len(got))
	}
}

// Of many that try at once under one key one is made.
func TestManyWithOneKey(t *testing.T) {
	w := start(t)
	codes := make(chan int, 20)
	for range 20 {
		go func() {
			r := httptest.NewRequest("POST", "/api/v1/requests", strings.NewReader(`{"draft": {"network": "ern-eye"}}`))
			r.Header.Set("Authorization", "Bearer basic~anna")
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", "one")
			rec := httptest.NewRecorder()
			w.mux.ServeHTTP(rec, r)
			codes <- rec.Code
		}()
	}
	for range 20 {
		if c := <-codes; c != 200 && c != 409 {
			t.Errorf("%d", c)
		}
	}
	if got := w.ok("GET", "access", "basic~anna", nil)["requests"].([]any); len(got) != 1 {
		t.Errorf("%d drafts", len(got))
	}
}

// Page by page everything comes once; a token is no good for anybody else, nor elsewhere.
func TestPages(t *testing.T) {
	w := start(t)
	for range 7 {
		w.ok("POST", "requests", "basic~anna", body{"draft": draft()})
	}
	seen, token := map[any]bool{}, ""
	for {
		out := w.ok("GET", "access?page_size=3&page_token="+token, "basic~anna", nil)
		for _, r := range out["requests"].([]any) {
			if id := r.(body)["id"]; seen[id] {
				t.Errorf("%v twice", id)
			} else {
				seen[id] = true
			}
		}
		if token = out["next_page_token"].(string); token == "" {
			break
		}
		for _, bad := range []string{token + "x", "x" + token, strings.ToUpper(token), "."} {
			if code, _, out := w.call("GET", "access?page_token="+bad, "basic~anna", nil); code != 422 || out["code"] != "page.token" {
				t.Errorf("%q: %d %v", bad, code, out)
			}
		}
		if code, _, _ := w.call("GET", "access?page_token="+token, "basic~bert", nil); code != 422 {
			t.Errorf("somebody else's token: %d", code)
		}
		if code, _, _ := w.call("GET", "hospitals?page_token="+token, "", nil); code != 422 {
			t.Errorf("a token of another list: %d", code)
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d of 7", len(seen))
	}
	hospitals, token := 0, ""
	for {
		out := w.ok("GET", "hospitals?page_size=40&page_token="+token, "", nil)
		hospitals += len(out["hospitals"].([]any))
		if token = out["next_page_token"].(string); token == "" {
			break
		}
	}
	if networks := w.ok("GET", "networks", "", nil)["networks"].([]any); len(networks) != 24 || hospitals != 96 {
		t.Errorf("%d networks, %d hospitals", len(networks), hospitals)
	}
	if got := w.ok("GET", "hospitals?country=DE&network=ern-eye&page_size=100", "", nil)["hospitals"].([]any); len(got) == 0 || len(got) > 20 || got[0].(body)["country"] != "DE" {
		t.Errorf("%v", got)
	}
}

// Every method of the three services has a rule for its token or is public, a path, a line in the document,
// and stands in the OpenAPI document; nothing else does.
func TestEveryCallIsDescribed(t *testing.T) {
	raw, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(cpmsv1.OpenAPI, &doc); err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for path, verbs := range doc.Paths {
		for verb, op := range verbs {
			service, method, _ := strings.Cut(op.OperationID, "_")
			described[service+"/"+method] = true
			if line := "| `" + strings.ToUpper(verb) + " " + strings.TrimPrefix(path, "/api/v1/") + "` | " + service + "." + method + " |"; !strings.Contains(string(raw), line) {
				t.Errorf("not in docs/api.md: %s", line)
			}
		}
	}
	allowed, n := api.Allow([]string{"x"}), 0
	for _, name := range []protoreflect.Name{"AccessRequests", "GuestProfiles", "Directory"} {
		methods := cpmsv1.File_cpms_v1_cpms_proto.Services().ByName(name).Methods()
		for i := range methods.Len() {
			n++
			m := string(methods.Get(i).Name())
			if !described[string(name)+"/"+m] || len(allowed["/cpms.v1."+string(name)+"/"+m]) == 0 {
				t.Errorf("%s.%s is not described or nobody may call it", name, m)
			}
		}
	}
	if n != len(described) || n != len(allowed) {
		t.Errorf("%d methods, %d described, %d allowed", n, len(described), len(allowed))
	}
}
