package login

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/kv"
)

// The walker tries every order of events up to a depth, from several beginnings, and holds
// every state that it meets against the promises of the machine. Two ways that lead to the
// same state are walked on once.

const (
	walkDepth = 6                              // events; under the race detector 4
	walkAnna  = ident.AccountID("n00annaanna") // has a phone
	walkBob   = ident.AccountID("n00bobbobbo") // gets one on the way
	walkCarla = ident.AccountID("n00carlacar") // had one, and lost it
	walkMe    = "this-browser"
)

// node is all that a walk can change.
type node struct {
	Flow     Flow
	At       time.Time
	BobPhone bool
	Ended    bool                 // the session that the flow began with
	Phone    State                // how the open challenge stands
	Agreed   ident.AccountID      // who saw last what the service gets, and went on
	Owner    ident.AccountID      // whose phone the open challenge went to
	Shown    map[string]time.Time // what was truly shown: account + method -> newest time
}

type walker struct {
	*Service
	t     *testing.T
	now   time.Time
	n     node
	sess  session.Session
	seen  map[string]bool
	steps map[Step]int
}

// walkPhone is the second factor: the walk says what its owner does.
type walkPhone struct{ w *walker }

func (p walkPhone) Proves() []policy.Method { return []policy.Method{policy.AppPIN} }

func (p walkPhone) EnrolPath() string { return "/account/devices/add" }

func (p walkPhone) Enrolled(_ context.Context, id ident.AccountID) ([]policy.Method, error) {
	if id == walkAnna || id == walkBob && p.w.n.BobPhone {
		return p.Proves(), nil
	}
	return nil, nil
}

func (p walkPhone) Start(_ context.Context, a Ask) (Pending, error) {
	p.w.n.Phone, p.w.n.Owner = Waiting, a.Account
	return Pending{Method: policy.AppPIN, ID: "challenge of " + string(a.Account), ExpiresAt: p.w.now.Add(2 * time.Minute)}, nil
}

func (p walkPhone) Poll(context.Context, string) (State, Proven, error) {
	return p.w.n.Phone, Proven{Method: policy.AppPIN, FactorID: "device of " + string(p.w.n.Owner)}, nil
}

type walkPeople struct{}

func (walkPeople) ByID(_ context.Context, id ident.AccountID) (account.Account, error) {
	a := account.Account{ID: id, Email: string(id) + "@example.org", Status: account.Active, Guarded: id == walkCarla, Adaptive: id == walkAnna}
	if id == walkBob {
		a.Groups = []string{"staff"}
	}
	return a, nil
}

func (p walkPeople) ByEmailKey(ctx context.Context, key string) (account.Account, error) {
	for _, id := range []ident.AccountID{walkAnna, walkBob} {
		if key == string(id)+"@example.org" {
			return p.ByID(ctx, id)
		}
	}
	return account.Account{}, account.ErrUnknown
}

// walkConsents: Bob wants to be asked, and a service may want everybody to be.
type walkConsents struct{}

func (walkConsents) Asks(_ context.Context, id ident.AccountID, _ string, r consent.Release) (bool, error) {
	return r.Always || id == walkBob, nil
}

type walkPasswords struct{}

func (walkPasswords) Verify(_ context.Context, id ident.AccountID, plain string) (bool, error) {
	return id != "" && plain == "right", nil
}

type walkHistory struct{}

func (walkHistory) RecordAttempt(context.Context, Attempt, []audit.Event, []notify.Message) error {
	return nil
}

func newWalker(t *testing.T) *walker {
	w := &walker{t: t, now: noon, seen: map[string]bool{}, steps: map[Step]int{}}
	now := func() time.Time { return w.now }
	store := &shelf{held: map[string][]byte{}}
	w.Service = New(Config{
		KV: store, Accounts: walkPeople{}, Passwords: walkPasswords{}, Methods: map[policy.Method]Method{policy.AppPIN: walkPhone{w}, policy.AppAlone: walkAlone{walkPhone{w}}, policy.SecurityKey: walkKey{w}, policy.RecoveryCode: walkCode{w}},
		Limits: limit.New(store, now), Sessions: session.New(store, now, rand.Reader), History: walkHistory{}, Consents: walkConsents{},
		LostURL: "https://idp.example/password/lost", Now: now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
	return w
}

// shelf is an expiring store for one walker: tens of thousands of states would keep a
// database busy for minutes. The engines have their own tests (engines_test.go).
type shelf struct {
	kv.Store // the verbs that a sign-in does not use
	held     map[string][]byte
}

func (s *shelf) Put(_ context.Context, key string, val []byte, _ time.Duration) error {
	s.held[key] = val
	return nil
}

func (s *shelf) Get(_ context.Context, key string) ([]byte, error) {
	if val, ok := s.held[key]; ok {
		return val, nil
	}
	return nil, kv.ErrNotFound
}

func (s *shelf) Take(ctx context.Context, key string) ([]byte, error) {
	val, err := s.Get(ctx, key)
	delete(s.held, key)
	return val, err
}

func (s *shelf) Swap(_ context.Context, key string, old, val []byte, _ time.Duration) error {
	if have, ok := s.held[key]; ok != (old != nil) || !bytes.Equal(have, old) {
		return kv.ErrChanged
	}
	s.held[key] = val
	return nil
}

func (s *shelf) Add(context.Context, string, int64, time.Duration) (int64, error) {
	return 0, kv.ErrUnavailable // no sign-in counts this way
}

func (s *shelf) Drop(_ context.Context, keys ...string) error {
	for _, k := range keys {
		delete(s.held, k)
	}
	return nil
}

// shows notes that somebody truly showed something.
func (w *walker) shows(id ident.AccountID, m policy.Method) {
	w.n.Shown[string(id)+" "+string(m)] = w.now
}

// begin gives the first node of a walk.
func (w *walker) begin(ctx context.Context, r Request, signedIn bool) node {
	w.now = noon
	w.n = node{Shown: map[string]time.Time{}}
	var offer *session.Session
	if signedIn {
		_, sess, err := w.Sessions.Start(ctx, walkAnna, []policy.Proof{{Method: policy.Password, At: noon}}, session.Meta{})
		if err != nil {
			w.t.Fatal(err)
		}
		w.sess, offer = sess, &sess
		w.shows(walkAnna, policy.Password)
	}
	r.ReturnURL = "/back"
	if r.Kind == KindAuthorize && r.Release == nil {
		r.Release = &consent.Release{}
	}
	id, err := w.Begin(ctx, r, walkMe, offer)
	if err != nil {
		w.t.Fatal(err)
	}
	v, err := w.Look(ctx, id, walkMe)
	if err != nil {
		w.t.Fatal(err)
	}
	w.n.Flow, w.n.At = v.Flow, noon
	return w.n
}

// enter puts the world into the state of a node.
func (w *walker) enter(ctx context.Context, n node) {
	w.n, w.now = n, n.At
	w.n.Shown = map[string]time.Time{}
	for k, at := range n.Shown {
		w.n.Shown[k] = at
	}
	if err := kv.PutJSON(ctx, w.KV, flowKey(n.Flow.ID), n.Flow, TTL); err != nil {
		w.t.Fatal(err)
	}
	if w.sess.ID != "" && n.Flow.Session == w.sess.ID || n.Ended {
		if n.Ended {
			_, _ = w.Sessions.Revoke(ctx, w.sess.ID)
		} else if _, err := w.Sessions.ByID(ctx, w.sess.ID); errors.Is(err, session.ErrNone) {
			if _, _, err := w.Sessions.Open(ctx, w.sess.ID, walkAnna, w.sess.Proofs, session.Meta{}); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// key tells states apart: two flows that differ in how often they were changed are the same.
func (n node) key() string {
	n.Flow.Version, n.Flow.Named, n.Flow.Claim = 0, 0, ""
	raw, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// holds checks what is promised of every state.
func (w *walker) holds(ctx context.Context, trail []string) {
	v, err := w.Look(ctx, w.n.Flow.ID, walkMe)
	if err != nil {
		w.t.Fatalf("%v: %v", trail, err)
	}
	f := v.Flow
	w.n.Flow, w.n.At = f, w.now
	w.steps[v.Step]++
	for _, p := range f.All() {
		truth, ok := w.n.Shown[string(f.Account)+" "+string(p.Method)]
		if f.Account == "" || !ok || p.At.After(truth) && p.Method != policy.AppPIN && p.Method != policy.AppAlone {
			w.t.Fatalf("%v: %s has a proof that was never shown: %+v", trail, f.Account, p)
		}
	}
	if f.Pending != nil && !f.Pending.Direct && w.n.Owner != f.Account {
		w.t.Fatalf("%v: a stale challenge of %s while %s signs in", trail, w.n.Owner, f.Account)
	}
	if v.Step == Done && !f.Silent() {
		if f.Account == "" || !policy.Evaluate(f.All(), f.Request.Requirement, w.now).Met || !w.enough(f) {
			w.t.Fatalf("%v: done without enough: %+v", trail, f)
		}
	}
	if f.Account == walkCarla && (v.Step == EnrolFirst || v.Step == Done && !f.Silent() && f.requirement().Floor.Level > policy.Basic) {
		w.t.Fatalf("%v: with a lost factor the password alone leads to %s", trail, v.Step)
	}
	if f.Request.Kind == KindLost && (f.SID != "" && f.SID != nobody || f.Session != "" || v.Step == Done && !w.truly(f.Account, f.Begun, policy.Password)) {
		w.t.Fatalf("%v: giving a lost factor up at %s: %+v", trail, v.Step, f)
	}
	if r := f.Request.Release; v.Step == Done && r != nil && (f.Account == walkBob || r.Always) && (w.n.Agreed != f.Account || f.Agreed == nil) {
		w.t.Fatalf("%v: done without asking who has to be asked", trail)
	}
	if len(f.Request.Groups) > 0 && f.Account != walkBob && (v.Step == Review || v.Step == Done) {
		w.t.Fatalf("%v: %s is in no group, and comes to %s", trail, f.Account, v.Step)
	}
	if f.Request.Kind == KindRecover {
		w.recovers(trail, v)
	}
}

// truly reports whether somebody showed one of these since a moment. It looks at what happened,
// not at what the machine remembers.
func (w *walker) truly(id ident.AccountID, since time.Time, any ...policy.Method) bool {
	for _, m := range any {
		if at, ok := w.n.Shown[string(id)+" "+string(m)]; ok && !at.Before(since) {
			return true
		}
	}
	return false
}

// enough weighs what was truly shown, by the rules in the words of the docs, as a second
// opinion beside policy.Evaluate.
func (w *walker) enough(f Flow) bool {
	req, since := f.Request.Requirement, time.Time{}
	if req.MaxAge >= 0 {
		since = w.now.Add(-req.MaxAge)
	}
	seconds := []policy.Method{policy.SecurityKey, policy.Passkey}
	if req.Floor.Resistance == policy.Phishable {
		seconds = append(seconds, policy.AppPIN, policy.AppAlone)
	}
	if req.Recovery {
		seconds = append(seconds, policy.RecoveryCode)
	}
	return w.truly(f.Account, since, policy.Password, policy.Passkey, policy.AppAlone) && (req.Floor.Level < policy.Medium || w.truly(f.Account, since, seconds...))
}

// recovers: a recovery never asks for a password, never holds one, and is one person's.
func (w *walker) recovers(trail []string, v View) {
	f := v.Flow
	if v.Step == Password || v.Step == Identify || v.Step == EnrolFirst || f.Account != walkAnna || f.shown(policy.Password) {
		w.t.Fatalf("%v: recovery at %s: %+v", trail, v.Step, f)
	}
	if f.SID != "" && f.SID != nobody || f.Session != "" {
		w.t.Fatalf("%v: a recovery signed somebody in", trail)
	}
	if v.Step == Done && !w.truly(walkAnna, w.n.Flow.Begun, policy.AppPIN, policy.SecurityKey, policy.Passkey, policy.RecoveryCode) {
		w.t.Fatalf("%v: recovered without a second factor", trail)
	}
}
