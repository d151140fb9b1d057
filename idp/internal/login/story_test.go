package login_test

import (
	"slices"
	"testing"
	"time"

	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// Row 27: a living session is asked only for what is missing, and its cookie changes.
func TestStepUpAsksOnlyForTheFactor(t *testing.T) {
	w := newWorld(t)
	token, sess := w.signIn(t, annaMail)
	w.pass(5 * time.Minute)
	id := w.begin(t, login.Request{
		Kind: login.KindAuthorize, ClientID: "cpms", ClientName: "CPMS", ReturnURL: "/authorize/callback",
		Requirement: policy.AtLeast(policy.Medium, 15*time.Minute),
	}, &sess)
	if got := w.step(t, id); got != login.ChooseMethod || w.phone.started != 0 {
		t.Fatalf("step %s, %d pushes before anybody asked", got, w.phone.started)
	}
	v, err := w.ChooseMethod(t.Context(), id, here, policy.AppPIN, meta)
	if err != nil || v.Step != login.Challenge || v.Flow.Pending.Show["number"] != "42" {
		t.Fatalf("%+v %v", v, err)
	}
	if a := w.phone.asked; a.ClientName != "CPMS" || a.Account != anna || a.Address != meta.Address || a.Browser != meta.Browser {
		t.Fatalf("the phone shows %+v", a)
	}
	w.phone.does(login.Proved)
	done, err := w.Finish(t.Context(), id, here, token, meta)
	if err != nil || done.Session.ID != sess.ID || done.Token == "" || done.Token == token {
		t.Fatalf("%+v %v", done, err)
	}
	_, err = w.Sessions.ByToken(t.Context(), token)
	wants(t, err, session.ErrNone)
	o, err := w.Outcome(t.Context(), id, here)
	if err != nil || o.Decision.Level != policy.Medium || !slices.Equal(o.Decision.AMR, []string{"mfa", "pin", "pwd", "swk"}) {
		t.Fatalf("%+v %v", o, err)
	}
}

// A stale password is asked again although the phone is fresh, and the other way round.
func TestStaleProofsAreAskedAgain(t *testing.T) {
	w := newWorld(t)
	_, sess := w.signIn(t, annaMail)
	w.pass(30 * time.Minute)
	id := w.begin(t, login.Request{Kind: login.KindAccount, ReturnURL: "/account/devices", Requirement: policy.AtLeast(policy.Basic, 20*time.Minute)}, &sess)
	if got := w.step(t, id); got != login.Password {
		t.Fatalf("step %s", got)
	}
	if err := w.try(t, id, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
	if got := w.step(t, id); got != login.Done {
		t.Fatalf("step %s", got)
	}
	w.pass(21 * time.Minute)
	if got := w.step(t, id); got != login.Password {
		t.Fatalf("the policy holds at every moment: step %s", got)
	}
}

// Single sign-on makes no new session and changes no cookie.
func TestSingleSignOn(t *testing.T) {
	w := newWorld(t)
	token, sess := w.signIn(t, annaMail)
	id := w.begin(t, login.Request{Kind: login.KindAuthorize, ClientName: "Other", ReturnURL: "/authorize/callback", Requirement: policy.Anyone()}, &sess)
	done, err := w.Finish(t.Context(), id, here, token, meta)
	if err != nil || done.Token != "" || done.Session.ID != sess.ID {
		t.Fatalf("%+v %v", done, err)
	}
	if _, err := w.Sessions.ByToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}

// Row 27: nobody is stopped for lack of a phone: a session opens, the phone is added, the
// same request goes on.
func TestFirstPhoneOnTheWay(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Medium)
	w.named(t, id, bobMail)
	if _, err := w.Enrol(t.Context(), id, here, "", meta); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("a session before the password: %v", err)
	}
	if err := w.try(t, id, secret, policy.AppPIN); err != nil {
		t.Fatal(err)
	}
	if got := w.step(t, id); got != login.EnrolFirst {
		t.Fatalf("step %s", got)
	}
	first, err := w.Enrol(t.Context(), id, here, "", meta)
	if err != nil || first.Token == "" || policy.Evaluate(first.Session.Proofs, policy.Anyone(), w.now()).Level != policy.Basic {
		t.Fatalf("%+v %v", first, err)
	}
	w.phone.has[bob] = true
	if got := w.step(t, id); got != login.ChooseMethod {
		t.Fatalf("having a phone is no proof: step %s", got)
	}
	if _, err := w.ChooseMethod(t.Context(), id, here, policy.AppPIN, meta); err != nil {
		t.Fatal(err)
	}
	w.phone.does(login.Proved)
	done, err := w.Finish(t.Context(), id, here, first.Token, meta)
	if err != nil || done.Session.ID != first.Session.ID || done.Token == first.Token {
		t.Fatalf("%+v %v", done, err)
	}
	if o, err := w.Outcome(t.Context(), id, here); err != nil || o.Decision.Level != policy.Medium || o.Account != bob {
		t.Fatalf("%+v %v", o, err)
	}
}

// kill -9 at any moment of finishing: the browser asks again and goes on with one session,
// one line of history, and a cookie.
func TestFinishingAgainAfterAnInterruption(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Basic)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
	lost, err := w.Finish(t.Context(), id, here, "", meta)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Finish(t.Context(), id, here, "", meta) // the answer never arrived
	if err != nil || again.Session.ID != lost.Session.ID || again.Token == lost.Token || again.Token == "" {
		t.Fatalf("%+v %v", again, err)
	}
	third, err := w.Finish(t.Context(), id, here, again.Token, meta) // it did: back button
	if err != nil || third.Token != "" {
		t.Fatalf("%+v %v", third, err)
	}
	if n := len(w.past.attempts); n != 1 {
		t.Fatalf("%d lines", n)
	}
	if _, err := w.Sessions.Revoke(t.Context(), lost.Session.ID); err != nil {
		t.Fatal(err)
	}
	gone, err := w.Finish(t.Context(), id, here, again.Token, meta)
	if err != nil || gone.Token != "" {
		t.Fatalf("a session that was signed out came back: %+v %v", gone, err)
	}
	if o, err := w.Outcome(t.Context(), id, here); err != nil || o.Refused != login.RefusedNoLogin {
		t.Fatalf("%+v %v", o, err)
	}
}

// A sign-in that was parked with the old password is worth nothing once the password is
// replaced and all sessions are ended.
func TestAParkedSignInDiesWithTheOldPassword(t *testing.T) {
	w := newWorld(t)
	parked, done := w.asks(t, policy.Medium), w.asks(t, policy.Basic)
	for _, id := range []string{parked, done} {
		w.named(t, id, annaMail)
	}
	if err := w.try(t, parked, secret, policy.AppPIN); err != nil {
		t.Fatal(err)
	}
	if err := w.try(t, done, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Second)
	if _, err := w.Sessions.Distrust(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	w.phone.does(login.Proved)
	for _, id := range []string{parked, done} {
		if got := w.step(t, id); got != login.Password {
			t.Fatalf("step %s with the old password", got)
		}
		if _, err := w.Finish(t.Context(), id, here, "", meta); err == nil {
			t.Fatal("finished with the old password")
		}
	}
}

// Lost password: only the phone, of that one person, and it signs nobody in.
func TestRecovery(t *testing.T) {
	w := newWorld(t)
	r := login.Recovery{Service: w.Service}
	address, err := r.Begin(t.Context(), anna, here, "/password/factor/1")
	if err != nil {
		t.Fatal(err)
	}
	id := address[len("/login?flow="):]
	if got := w.step(t, id); got != login.ChooseMethod {
		t.Fatalf("step %s", got)
	}
	if _, err := w.Identify(t.Context(), id, here, bobMail); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("somebody else: %v", err)
	}
	if _, err := w.ChooseMethod(t.Context(), id, here, policy.Password, meta); fault.KindOf(err) != fault.Invalid {
		t.Fatalf("without the phone: %v", err)
	}
	if _, err := w.ChooseMethod(t.Context(), id, here, policy.AppPIN, meta); err != nil {
		t.Fatal(err)
	}
	_, _, err = r.Proved(t.Context(), id, here)
	wants(t, err, login.ErrUnfinished)
	w.phone.does(login.Proved)
	done, err := w.Finish(t.Context(), id, here, "", meta)
	if err != nil || done.Token != "" {
		t.Fatalf("a recovery signed somebody in: %+v %v", done, err)
	}
	_, _, err = r.Proved(t.Context(), id, "another")
	wants(t, err, login.ErrOtherBrowser)
	who, at, err := r.Proved(t.Context(), id, here)
	if err != nil || who != anna || !at.Equal(w.now()) {
		t.Fatalf("%s %v %v", who, at, err)
	}
	if _, _, err = r.Proved(t.Context(), id, here); err == nil {
		t.Fatal("twice")
	}
	if l, _ := w.Sessions.List(t.Context(), anna); len(l) != 0 {
		t.Fatal("a recovery left a session")
	}
}

// An ordinary sign-in's outcome is no recovery's, and looking does not use it up.
func TestRecoveryTakesNoOtherFlow(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Basic)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(t.Context(), id, here, "", meta); err != nil {
		t.Fatal(err)
	}
	_, _, err := login.Recovery{Service: w.Service}.Proved(t.Context(), id, here)
	wants(t, err, login.ErrUnknown)
	if _, err := w.Outcome(t.Context(), id, here); err != nil {
		t.Fatal(err)
	}
}

// Denied on the phone ends the sign-in; nothing of it can be used on.
func TestDeniedEndsTheSignIn(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Medium)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.AppPIN); err != nil {
		t.Fatal(err)
	}
	w.phone.does(login.Denied)
	if got := w.step(t, id); got != login.Refuse {
		t.Fatalf("step %s", got)
	}
	_, err := w.ChooseMethod(t.Context(), id, here, policy.AppPIN, meta)
	wants(t, err, login.ErrPast)
	_, err = w.Identify(t.Context(), id, here, annaMail)
	wants(t, err, login.ErrPast)
	if last := w.past.attempts[len(w.past.attempts)-1]; last.Outcome != login.DeniedOnPhone || last.Account != anna {
		t.Fatalf("%+v", last)
	}
	if o, err := w.Outcome(t.Context(), id, here); err != nil || o.Refused != login.RefusedByPerson {
		t.Fatalf("%+v %v", o, err)
	}
}

// A request that expired can be sent again; an approval is dated when it could be given.
func TestSendAgain(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Medium)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.AppPIN); err != nil {
		t.Fatal(err)
	}
	w.phone.does(login.Expired)
	v, err := w.Look(t.Context(), id, here)
	if err != nil || v.Step != login.ChooseMethod || v.Flow.Failed != string(login.Expired) {
		t.Fatalf("%+v %v", v, err)
	}
	if v, err = w.ChooseMethod(t.Context(), id, here, policy.AppPIN, meta); err != nil || v.Step != login.Challenge || v.Flow.Failed != "" {
		t.Fatalf("%+v %v", v, err)
	}
	asked := w.now()
	w.phone.does(login.Proved)
	w.pass(10 * time.Minute)
	v, err = w.Look(t.Context(), id, here)
	if err != nil || v.Step != login.Done {
		t.Fatalf("%+v %v", v, err)
	}
	if at := v.Flow.Proofs[1].At; !at.Equal(asked.Add(2 * time.Minute)) {
		t.Fatalf("dated %v, asked at %v", at, asked)
	}
}

// Row 7: the limit of pushes leaves the open request open.
func TestTooManyPushesLeaveTheOpenOne(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Medium)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.AppPIN); err != nil {
		t.Fatal(err)
	}
	w.phone.refuse = fault.New(fault.TooMany, "limit.reached").After(time.Minute)
	if _, err := w.ChooseMethod(t.Context(), id, here, policy.AppPIN, meta); fault.KindOf(err) != fault.TooMany {
		t.Fatal(err)
	}
	if got := w.step(t, id); got != login.Challenge {
		t.Fatalf("step %s", got)
	}
	w.phone.does(login.Proved)
	if got := w.step(t, id); got != login.Done {
		t.Fatalf("step %s", got)
	}
}
