package signin_test

import (
	"context"
	"testing"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
)

// alone is the phone in the place of the password.
type alone struct{ *phone }

func (alone) Proves() []policy.Method { return []policy.Method{policy.AppAlone} }

func (alone) EnrolPath() string { return "" }

func (alone) Enrolled(context.Context, ident.AccountID) ([]policy.Method, error) { return nil, nil }

func (p alone) Start(ctx context.Context, a login.Ask) (login.Pending, error) {
	pending, err := p.phone.Start(ctx, a)
	pending.Method = policy.AppAlone
	return pending, err
}

func (p alone) Poll(ctx context.Context, id string) (login.State, login.Proven, error) {
	state, _, err := p.phone.Poll(ctx, id)
	return state, login.Proven{Method: policy.AppAlone, FactorID: "device-1", Account: p.asked.Account}, err
}

const without = "Continue with the app, without the password"

// adaptive is a world in which Anna has a phone and wants adaptive authentication.
func adaptive(t *testing.T, wish bool) *world {
	t.Helper()
	w := newWorld(t)
	w.login.Methods[policy.AppAlone] = alone{w.phone}
	w.phone.give(w.anna.ID)
	a, err := w.Store.ByID(t.Context(), w.anna.ID)
	if err != nil {
		t.Fatal(err)
	}
	a.Adaptive = wish
	if err := w.Store.Update(t.Context(), w.Clock.Now(), a, nil, nil); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestThePasswordIsLeftOutOnlyInABrowserThatThePersonUses(t *testing.T) {
	w := adaptive(t, true)
	stranger := w.visitor(t)
	stranger.get("/authorize?level=medium").submit("/login/identify", "email", "anna@example.org").misses(without)
	stranger.post("/login/adaptive", "flow", stranger.flow()).is(409)

	own := w.visitor(t)
	own.get("/account").signsIn("anna@example.org", "password").sees("My account of anna")
	own.get("/authorize?level=medium").submit("/login/cancel")
	own.post("/logout")
	own.get("/authorize?level=medium").submit("/login/identify", "email", "anna@example.org").sees(without)
	own.submit("/login/adaptive").sees("42")
	own.submit("/login/indirect").sees("Choose your verification method")
	own.submit("/login/adaptive").sees("42")
	w.phone.does(login.Proved)
	own.get("/login?flow=" + own.flow()).sees(`refused="" account=` + string(w.anna.ID) + " level=MEDIUM")

	// The same browser is none of Bob's, whoever typed his address there.
	w.Person(t, "Bob", "bob@example.org")
	own.post("/logout")
	own.get("/authorize?level=medium").submit("/login/identify", "email", "bob@example.org").misses(without)
	own.post("/login/adaptive", "flow", own.flow()).is(409)
}

func TestThePasswordIsLeftOutOnlyForWhoWantsThat(t *testing.T) {
	w := adaptive(t, false)
	own := w.visitor(t)
	own.get("/account").signsIn("anna@example.org", "password").sees("My account of anna")
	own.post("/logout")
	own.get("/authorize?level=medium").submit("/login/identify", "email", "anna@example.org").misses(without)
	own.post("/login/adaptive", "flow", own.flow()).is(409)
}

// Somebody whose account is closed while the phone is asked does not get in.
func TestAClosedAccountIsNotLetInWithoutThePassword(t *testing.T) {
	w := adaptive(t, true)
	own := w.visitor(t)
	own.get("/account").signsIn("anna@example.org", "password").sees("My account of anna")
	own.post("/logout")
	own.get("/authorize").submit("/login/identify", "email", "anna@example.org").submit("/login/adaptive").sees("42")
	if _, err := w.DB.ExecContext(t.Context(), `UPDATE accounts SET status = $1`, string(account.Disabled)); err != nil {
		t.Fatal(err)
	}
	w.phone.does(login.Proved)
	own.get("/login?flow=" + own.flow()).misses("refused=\"\"")
}
