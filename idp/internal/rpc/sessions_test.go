package rpc_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
)

// A service sees the sessions that it takes part in itself, as it knows them, and nothing of what else a person
// has open; what was left, ended or ran out is not there.
func TestAServiceListsItsOwnSessions(t *testing.T) {
	for name, file := range map[string]string{"public": public, "pairwise": pairwiseFile} {
		t.Run(name, func(t *testing.T) {
			w := newCalled(t, file)
			anna, berta := w.Anna(t).ID, w.Person(t, "Berta", "berta@example.org").ID
			begun := w.Clock.Now()
			two := w.opens(anna, strong, "other", "cpms")
			w.opens(anna, strong, "other")
			w.opens(anna, strong)
			w.opens(berta, strong, "cpms")
			left := w.opens(anna, strong, "cpms")
			w.must(w.sessions.DropClient(t.Context(), left.ID, "cpms", w.Clock.Now()))
			gone := w.opens(anna, strong, "cpms")
			_, err := w.sessions.Revoke(t.Context(), gone.ID)
			w.must(err)
			w.Clock.Pass(10 * time.Minute)
			one := w.opens(anna, strong[:1], "cpms")
			got, err := w.List(t.Context(), &idpv1.ListRequest{Subject: w.sub(anna)})
			w.must(err)
			told := map[string]*idpv1.Session{}
			for _, s := range got.GetSessions() {
				told[s.GetSid()] = s
			}
			a, b := told[w.sid(two)], told[w.sid(one)]
			if len(told) != 2 || got.GetNextPageToken() != "" || a == nil || b == nil {
				t.Fatalf("%v", got)
			}
			if a.GetAcr() != policy.ACRMedium || !slices.Contains(a.GetAmr(), "mfa") || !a.GetAuthTime().AsTime().Equal(begun.UTC()) || !a.GetLastUsedAt().AsTime().Equal(two.Seen.UTC()) {
				t.Errorf("two factors: %v", a)
			}
			if b.GetAcr() != policy.ACRBasic || !slices.Equal(b.GetAmr(), []string{"pwd"}) || !b.GetAuthTime().AsTime().Equal(w.Clock.Now().UTC()) {
				t.Errorf("a password: %v", b)
			}
			if name == "pairwise" && (a.GetSid() == two.ID || w.sub(anna) == string(anna)) {
				t.Error("a pairwise client hears the names that all others know")
			}
			w.Clock.Pass(session.Idle + time.Second)
			if got, err := w.List(t.Context(), &idpv1.ListRequest{Subject: w.sub(anna)}); err != nil || len(got.GetSessions()) != 0 {
				t.Errorf("after all ran out: %v %v", got, err)
			}
		})
	}
}

// Every session is on one page, whatever ends meanwhile; a token that is none is refused.
func TestSessionsComeInPages(t *testing.T) {
	w := newCalled(t, pairwiseFile)
	anna := w.Anna(t).ID
	want := map[string]bool{}
	var all []session.Session
	for range 7 {
		all = append(all, w.opens(anna, strong, "cpms"))
		want[w.sid(all[len(all)-1])] = true
	}
	ask := &idpv1.ListRequest{Subject: w.sub(anna), PageSize: 3}
	for pages := 1; ; pages++ {
		got, err := w.List(t.Context(), ask)
		w.must(err)
		for _, s := range got.GetSessions() {
			if !want[s.GetSid()] {
				t.Errorf("%s comes twice", s.GetSid())
			}
			delete(want, s.GetSid())
		}
		if ask.PageToken = got.GetNextPageToken(); ask.PageToken == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		last := got.GetSessions()[len(got.GetSessions())-1].GetSid()
		i := slices.IndexFunc(all, func(s session.Session) bool { return w.sid(s) == last })
		_, err = w.sessions.Revoke(t.Context(), all[i].ID) // the place of the next page goes away
		w.must(err)
	}
	if len(want) != 0 {
		t.Errorf("on no page: %v", want)
	}
	berta := w.Person(t, "Berta", "berta@example.org").ID
	for range 4 {
		w.opens(berta, strong, "cpms")
	}
	first, err := w.List(t.Context(), &idpv1.ListRequest{Subject: w.sub(berta), PageSize: 2})
	w.must(err)
	last, err := w.List(t.Context(), &idpv1.ListRequest{Subject: w.sub(berta), PageSize: 2, PageToken: first.GetNextPageToken()})
	w.must(err)
	a, b := first.GetSessions(), last.GetSessions()
	if len(a) != 2 || len(b) != 2 || a[1].GetSid() >= b[0].GetSid() || last.GetNextPageToken() != "" {
		t.Errorf("two full pages: %v %v", first, last)
	}
	for _, bad := range []*idpv1.ListRequest{{Subject: w.sub(anna), PageToken: "=="}, {Subject: w.sub(anna), PageToken: "Jzsg"}} {
		if _, err := w.List(t.Context(), bad); fault.CodeOf(err) != "rpc.page_token" {
			t.Errorf("%v: %v", bad, err)
		}
	}
	for _, bad := range []*idpv1.ListRequest{{PageSize: -1}, {PageSize: 201}, {PageToken: strings.Repeat("a", 201)}} {
		if _, err := w.List(t.Context(), bad); fault.CodeOf(err) != "rpc.invalid" {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
