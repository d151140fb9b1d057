package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/admin"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

// administration gives the service, and somebody with the role by an operator's word.
func (w *world) administration(sub string) (*admin.Service, admin.By) {
	w.t.Helper()
	o := &access.Operator{Store: w.store, Now: w.now}
	w.must(o.GrantRole(w.t.Context(), issuer, sub, access.AdministratorRole, access.AllNetworks))
	w.t.Cleanup(func() { w.must(network.Use(network.Overlay{})) })
	return &admin.Service{Store: w.store, Now: w.now, Random: rand.Reader, BaseURL: "https://cpms.example"}, admin.By{Person: w.person(sub), Strength: w.strong(), ACR: "medium"}
}

// Nothing is changed by somebody without the role, without a fresh proof, or for themselves;
// and an administrator decides about no request.
func TestWhoMayAdminister(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, root := w.administration("root")
		elena, anna := w.coordinator("elena", "ern-eye"), w.person("anna")
		changes := map[string]func(admin.By) error{
			"propose": func(b admin.By) error { return a.Propose(t.Context(), b, anna.Email, "ern-eye") },
			"confirm": func(b admin.By) error { return a.Confirm(t.Context(), b, anna.ID, "ern-eye") },
			"drop":    func(b admin.By) error { return a.Drop(t.Context(), b, anna.ID, "ern-eye") },
			"take":    func(b admin.By) error { return a.Take(t.Context(), b, elena.ID, "ern-eye") },
			"network": func(b admin.By) error {
				return a.SetNetwork(t.Context(), b, network.Setting{Slug: "ern-eye", Helpdesk: "x@y.example"}, 0)
			},
			"add": func(b admin.By) error {
				_, err := a.AddHospital(t.Context(), b, network.Hospital{Country: "DE", Name: "Neu", Networks: []string{"ern-eye"}})
				return err
			},
			"disable": func(b admin.By) error { return a.Disable(t.Context(), b, "de-02", true) },
		}
		for name, change := range changes {
			for who, tt := range map[string]struct {
				by   admin.By
				want *fault.Error
			}{
				"a coordinator": {admin.By{Person: elena, Strength: w.strong()}, admin.ErrNone},
				"anybody":       {admin.By{Person: anna, Strength: w.strong()}, admin.ErrNone},
				"by password":   {admin.By{Person: root.Person, Strength: access.Strength{AuthTime: w.now()}}, access.ErrLevel},
				"nobody":        {admin.By{Person: person.Person{}, Strength: w.strong()}, admin.ErrNone},
				"an hour ago":   {admin.By{Person: root.Person, Strength: access.Strength{Medium: true, AuthTime: w.now().Add(-access.Fresh - 1)}}, access.ErrLevel},
			} {
				if err := change(tt.by); !errors.Is(err, tt.want) {
					t.Errorf("%s by %s: %v", name, who, err)
				}
			}
		}
		if err := a.Propose(t.Context(), root, root.Person.Email, "ern-eye"); !errors.Is(err, admin.ErrOwn) {
			t.Errorf("to oneself: %v", err)
		}
		r := w.submit(anna, form())
		if _, err := w.decide(root.Person, anna, r, approve); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("an administrator decides: %v", err)
		}
		if n := w.events("role.given"); n != 2 { // the operator's
			t.Errorf("%d", n)
		}
		o := &access.Operator{Store: w.store, Now: w.now}
		if err := o.GrantRole(t.Context(), issuer, "x", access.AdministratorRole, "ern-eye"); !errors.Is(err, access.ErrRole) {
			t.Errorf("an administrator of one network: %v", err)
		}
		w.must(o.RevokeRole(t.Context(), issuer, "root", access.AdministratorRole, access.AllNetworks))
		if err := a.May(t.Context(), root.Person); !errors.Is(err, admin.ErrNone) {
			t.Errorf("after the role was taken: %v", err)
		}
	})
}

// Two administrators make a coordinator; one alone ends it; all whom it concerns hear of it.
func TestTwoAdministratorsMakeACoordinator(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, root := w.administration("root")
		_, ruth := w.administration("ruth")
		elena, anna, bert := w.coordinator("elena", "ern-eye"), w.person("anna"), w.person("bert")
		r := w.submit(bert, form())
		for _, bad := range []struct{ email, slug, field string }{{"nobody@example.org", "ern-eye", "email"}, {anna.Email, "*", "network"}, {anna.Email, "ern-x", "network"}, {"", "ern-eye", "email"}} {
			if err := a.Propose(t.Context(), root, bad.email, bad.slug); !errors.Is(err, admin.ErrInvalid) || fault.As(err).Fields[bad.field].Key == "" {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if err := a.Confirm(t.Context(), ruth, anna.ID, "ern-eye"); !errors.Is(err, admin.ErrChanged) {
			t.Errorf("what nobody proposed: %v", err)
		}
		w.must(a.Propose(t.Context(), root, anna.Email, "ern-eye"))
		if err := a.Propose(t.Context(), ruth, anna.Email, "ern-eye"); !errors.Is(err, admin.ErrChanged) {
			t.Errorf("proposed over another's proposal: %v", err)
		}
		if w.mails(ruth.Person.Email)["coordinator_proposed"] != 1 || w.mails(root.Person.Email)["coordinator_proposed"] != 0 || w.mails(anna.Email)["coordinator_given"] != 0 {
			t.Errorf("%v", w.mails(ruth.Person.Email))
		}
		if err := a.Confirm(t.Context(), root, anna.ID, "ern-eye"); !errors.Is(err, admin.ErrSecond) {
			t.Errorf("by who proposed it: %v", err)
		}
		_, herself := w.administration("anna")
		if err := a.Confirm(t.Context(), herself, anna.ID, "ern-eye"); !errors.Is(err, admin.ErrSecond) {
			t.Errorf("by who is to be it: %v", err)
		}
		won := 0
		for _, err := range atOnce(20, func(int) error { return a.Confirm(context.Background(), ruth, anna.ID, "ern-eye") }) {
			if err == nil {
				won++
			} else if !errors.Is(err, admin.ErrChanged) {
				t.Error(err)
			}
		}
		if won != 1 || w.mails(anna.Email)["coordinator_given"] != 1 || w.mails(elena.Email)["coordinator_joined"] != 1 {
			t.Fatalf("%d, %v %v", won, w.mails(anna.Email), w.mails(elena.Email))
		}
		if _, _, err := w.access.ForDesk(t.Context(), anna, r.ID); err != nil {
			t.Errorf("given, and no desk: %v", err)
		}
		list, err := w.store.Holders(t.Context(), 10)
		if err != nil || len(list) != 2 || !slices.ContainsFunc(list, func(h admin.Holder) bool { return h.PersonID == anna.ID && h.Network == "ern-eye" }) {
			t.Errorf("%+v %v", list, err)
		}
		w.must(a.Take(t.Context(), root, anna.ID, "ern-eye"))
		if _, _, err := w.access.ForDesk(t.Context(), anna, r.ID); !errors.Is(err, access.ErrUnknown) || w.mails(anna.Email)["coordinator_taken"] != 1 {
			t.Errorf("taken, and at the desk: %v", err)
		}
		for _, tt := range []struct {
			err  error
			want *fault.Error
		}{{a.Take(t.Context(), root, anna.ID, "ern-eye"), admin.ErrChanged}, {a.Take(t.Context(), root, "' OR 1=1", "ern-eye"), admin.ErrUnknown}, {a.Confirm(t.Context(), ruth, anna.ID, "ern-eye"), admin.ErrChanged}} {
			if !errors.Is(tt.err, tt.want) {
				t.Errorf("%v, want %v", tt.err, tt.want)
			}
		}
	})
}

// A proposal can be dropped, ends by itself, and goes with either person.
func TestProposalsEnd(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, root := w.administration("root")
		_, ruth := w.administration("ruth")
		anna, bert := w.person("anna"), w.person("bert")
		waiting := func() int {
			list, err := a.Proposals(t.Context())
			w.must(err)
			return len(list)
		}
		w.must(a.Propose(t.Context(), root, anna.Email, "ern-eye"))
		w.must(a.Drop(t.Context(), ruth, anna.ID, "ern-eye"))
		if err := a.Drop(t.Context(), ruth, anna.ID, "ern-eye"); !errors.Is(err, admin.ErrChanged) || waiting() != 0 {
			t.Errorf("dropped twice: %v", err)
		}
		w.must(a.Propose(t.Context(), root, anna.Email, "ern-eye"))
		w.pass(admin.ProposalLife)
		root.Strength, ruth.Strength = w.strong(), w.strong()
		if err := a.Confirm(t.Context(), ruth, anna.ID, "ern-eye"); !errors.Is(err, admin.ErrChanged) || waiting() != 0 {
			t.Errorf("after seven days: %v", err)
		}
		w.must(a.Propose(t.Context(), ruth, anna.Email, "ern-eye")) // the old one gives way
		w.must(a.Propose(t.Context(), root, bert.Email, "ern-eye"))
		w.tell(w.event("anna", 1, inbox.Erased))
		w.tell(w.event("root", 1, inbox.Erased))
		if waiting() != 0 {
			t.Errorf("%d proposals of or by people who are gone", waiting())
		}
		if err := a.Propose(t.Context(), ruth, anna.Email, "ern-eye"); !errors.Is(err, admin.ErrInvalid) {
			t.Errorf("somebody erased: %v", err)
		}
	})
}

// A closed network takes no new request and decides the old ones; its helpdesk stands in mails.
func TestANetworkClosesForRequests(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, root := w.administration("root")
		elena, anna, bert := w.coordinator("elena", "ern-eye"), w.person("anna"), w.person("bert")
		r := w.submit(anna, form())
		for _, bad := range []string{"", "nobody", "a@b", "x@y.example, z@y.example"} {
			if err := a.SetNetwork(t.Context(), root, network.Setting{Slug: "ern-eye", Helpdesk: bad}, 0); !errors.Is(err, admin.ErrInvalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		w.must(a.SetNetwork(t.Context(), root, network.Setting{Slug: "ern-eye", Helpdesk: "new@ern-eye.example", Closed: true}, 0))
		if err := a.SetNetwork(t.Context(), root, network.Setting{Slug: "ern-eye", Helpdesk: "stale@ern-eye.example"}, 0); !errors.Is(err, admin.ErrChanged) {
			t.Errorf("over a version that is gone: %v", err)
		}
		if _, err := w.access.Submit(t.Context(), bert, form(), true, w.strong(), "medium"); !errors.Is(err, access.ErrInvalid) || fault.As(err).Fields["network"].Key != "request.network.closed" {
			t.Errorf("%v", err)
		}
		w.approve(elena, anna, r)
		if n, _ := network.BySlug("ern-eye"); n.Helpdesk != "new@ern-eye.example" || !n.Closed {
			t.Errorf("%+v", n)
		}
		w.must(a.SetNetwork(t.Context(), root, network.Setting{Slug: "ern-eye", Helpdesk: "new@ern-eye.example"}, 1))
		w.submit(bert, form())
		if w.events("network.set") != 2 {
			t.Errorf("%d", w.events("network.set"))
		}
	})
}

// Hospitals come under ids of their own, and go from the choices, not from what names them.
func TestHospitalsComeAndGo(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, root := w.administration("root")
		anna, bert := w.person("anna"), w.person("bert")
		r := w.submit(anna, form())
		for field, bad := range map[string]network.Hospital{
			"country": {Country: "XX", Name: "Neu", Networks: []string{"ern-eye"}}, "name": {Country: "DE", Name: " ", Networks: []string{"ern-eye"}}, "networks": {Country: "DE", Name: "Neu"},
		} {
			if _, err := a.AddHospital(t.Context(), root, bad); !errors.Is(err, admin.ErrInvalid) || fault.As(err).Fields[field].Key == "" {
				t.Errorf("%s: %v", field, err)
			}
		}
		fresh := network.Hospital{Country: "DE", Name: "Klinikum  Neustadt", Networks: []string{"ern-eye", "ern-rnd"}}
		h, err := a.AddHospital(t.Context(), root, fresh)
		if err != nil || h.ID != "de-500" || h.Name != "Klinikum Neustadt" {
			t.Fatalf("%+v %v", h, err)
		}
		if _, err := a.AddHospital(t.Context(), root, fresh); !errors.Is(err, admin.ErrInvalid) {
			t.Errorf("twice: %v", err)
		}
		f := form()
		f.Hospital = h.ID
		w.submit(bert, f)
		for _, id := range []string{h.ID, "de-02"} {
			w.must(a.Disable(t.Context(), root, id, true))
			if err := a.Disable(t.Context(), root, id, true); !errors.Is(err, admin.ErrChanged) {
				t.Errorf("%s twice: %v", id, err)
			}
			if slices.ContainsFunc(network.Hospitals(), func(o network.Hospital) bool { return o.ID == id }) {
				t.Errorf("%s can still be chosen", id)
			}
		}
		if w.stored(r.ID).Place() == "" {
			t.Error("who chose it before lost it")
		}
		other := form()
		other.Role = access.Dispatcher
		if _, err := w.access.Submit(t.Context(), anna, other, true, w.strong(), "medium"); !errors.Is(err, access.ErrInvalid) {
			t.Errorf("chosen after it was taken off: %v", err)
		}
		w.must(a.Disable(t.Context(), root, "de-02", false))
		w.submit(anna, other)
		if err := a.Disable(t.Context(), root, "de-99999", true); !errors.Is(err, admin.ErrUnknown) {
			t.Errorf("%v", err)
		}
		// Another process, and this one after a restart, read the same lists.
		w.must(network.Use(network.Overlay{}))
		w.must(a.Refresh(t.Context()))
		if got, ok := network.HospitalByID(h.ID); !ok || !got.Disabled || got.Name != h.Name {
			t.Errorf("%+v", got)
		}
	})
}
