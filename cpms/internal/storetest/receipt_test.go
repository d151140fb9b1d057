package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/receipt"
	"eulogin.example/proto/kit/fault"
)

// Every decision leaves one receipt that holds against the published keys alone; what was
// refused leaves none.
func TestEveryDecisionLeavesASignedReceipt(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c, eve := w.person("anna"), w.coordinator("elena", "ern-eye"), w.person("eve")
		r := w.submit(p, guest())
		decide := func(d access.Decision, s access.Strength) (err error) {
			_, err = w.access.Decide(t.Context(), c, p, r.ID, r.Version, d, s, "medium")
			return err
		}
		for name, err := range map[string]error{
			"no reason": decide(access.Decision{Do: access.Reject}, w.strong()),
			"no proof":  decide(access.Decision{Do: access.Approve}, access.Strength{}),
		} {
			if err == nil {
				t.Errorf("%s was accepted", name)
			}
		}
		if list, err := w.access.Proofs(t.Context(), p, r.ID); err != nil || len(list) != 0 {
			t.Fatalf("refused decisions left %v, %v", list, err)
		}
		seen := access.Seen(r)
		w.must(decide(access.Decision{Do: access.AskMore, Text: "Which clinic?"}, w.strong()))
		w.pass(time.Minute)
		answered, err := w.access.Answer(t.Context(), p, r.ID, r.Version+1, "The eye clinic")
		w.must(err)
		r = answered
		w.must(decide(access.Decision{Do: access.Approve}, w.strong()))
		list, err := w.access.Proofs(t.Context(), c, r.ID)
		if err != nil || len(list) != 2 {
			t.Fatalf("%v %v", list, err)
		}
		want := receipt.Receipt{
			ACR: "medium", At: receipt.Stamp(list[0].At), AuthTime: receipt.Stamp(list[0].At), By: c.ID, Decision: "ask", Issuer: "https://cpms.example",
			Network: "ern-eye", Request: r.ID, Role: access.GuestUser, Seen: seen, Subject: p.ID, Version: 2,
		}
		if got, err := receipt.Verify(list[0].JWS, w.receipts.JWKS()); err != nil || got != want {
			t.Errorf("%v\n%+v\n%+v", err, got, want)
		}
		got, err := receipt.Verify(list[1].JWS, w.receipts.JWKS())
		if err != nil || got.Decision != "approve" || got.Version != r.Version || got.Seen != access.Seen(r) || got.Seen == seen {
			t.Errorf("%v %+v", err, got)
		}
		if own, err := w.access.Proofs(t.Context(), p, r.ID); err != nil || len(own) != 2 {
			t.Errorf("the requester reads %v, %v", own, err)
		}
		for _, other := range []string{"eve", "lars"} {
			who := eve
			if other == "lars" {
				who = w.coordinator("lars", "ern-lung")
			}
			if _, err := w.access.Proofs(t.Context(), who, r.ID); !errors.Is(err, access.ErrUnknown) {
				t.Errorf("%s reads them: %v", other, err)
			}
		}
	})
}

// unsigned is a ring that cannot sign.
type unsigned struct{}

func (unsigned) Sign(receipt.Receipt) (string, error) {
	return "", fault.New(fault.Unavailable, "receipt.no_key")
}

// What cannot be signed is not decided.
func TestNoDecisionWithoutAReceipt(t *testing.T) {
	w := one(t)
	p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
	r := w.submit(p, form())
	w.access.Receipts = unsigned{}
	if _, err := w.access.Decide(context.Background(), c, p, r.ID, r.Version, access.Decision{Do: access.Approve}, w.strong(), "medium"); fault.KindOf(err) != fault.Unavailable {
		t.Fatal(err)
	}
	if got := w.stored(r.ID); got.State != access.Submitted || len(w.grants(p)) != 0 {
		t.Errorf("%+v", got)
	}
}

// Receipts name ids alone: they outlive an erasure.
func TestReceiptsNameNobody(t *testing.T) {
	w := one(t)
	p, g := w.granted("anna", 90)
	list, err := w.access.Proofs(t.Context(), p, g.RequestID)
	w.must(err)
	got, err := receipt.Verify(list[0].JWS, w.receipts.JWKS())
	w.must(err)
	for _, text := range []string{got.By, got.Subject, got.Request, got.Seen} {
		if strings.Contains(text, "anna") || strings.Contains(text, "@") {
			t.Errorf("%+v", got)
		}
	}
}
