package signin_test

import (
	"context"
	"strings"
	"testing"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/client"
)

// services are registered: "framed" with an address that the browser loads, "plain" without any.
type services struct{}

func (services) Known(_ context.Context, id string) (*client.Client, error) {
	c := &client.Client{ID: id, Name: "Service " + id}
	switch id {
	case "framed":
		c.FrontchannelLogout, c.FrontchannelSession = "https://framed.example/out", true
	case "plain":
	default:
		return nil, client.ErrUnknown
	}
	return c, nil
}

// visits notes services in the session of a visitor, and gives its id.
func (w *world) visits(t *testing.T, v *visitor, clients ...string) string {
	t.Helper()
	sid, _, _ := strings.Cut(v.cookie("session"), ".")
	for _, id := range clients {
		if err := w.sessions.AddClient(t.Context(), sid, id); err != nil {
			t.Fatal(err)
		}
	}
	return sid
}

// The sign-out of My account tells the services as the one that a service asks for does.
func TestSignOutOfMyAccountTellsByFrames(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.get("/account").signsIn("anna@example.org", "password")
	sid := w.visits(t, v, "framed", "plain", "gone")
	v.post("/logout").is(200).sees("You are signed out").sees("Service framed").sees("Service plain")
	if !strings.Contains(v.body, `<iframe src="https://framed.example/out?iss=`) || !strings.Contains(v.body, "sid="+sid) || !strings.Contains(v.header.Get("Content-Security-Policy"), "frame-src https://framed.example; ") {
		t.Errorf("%s\n%s", v.header.Get("Content-Security-Policy"), v.body)
	}
}

// Security case 10: whoever signs in where somebody else was signed in must not find that person's
// services open, nor learn which they are.
func TestTheNextPersonFindsNoServiceOpen(t *testing.T) {
	w := newWorld(t)
	bob := w.Person(t, "Bob", "bob@example.org")
	v := w.visitor(t)
	v.get("/account").signsIn("anna@example.org", "password")
	sid := w.visits(t, v, "framed", "plain")
	v.get("/account/manage")
	v.get("/login/back?flow=" + strings.TrimPrefix(v.at.RawQuery, "flow="))
	w.phone.give(bob.ID)
	v.submit("/login/identify", "email", "bob@example.org").submit("/login/password", "password", accounttest.Secret, "method", "app_pin")
	w.phone.does("proved")
	v.get("/login?flow=" + v.flow()).is(200).sees("Somebody else was signed in in this browser")
	if strings.Contains(v.body, "Service") || !strings.Contains(v.body, "sid="+sid) || !strings.Contains(v.body, `href="/account/manage" data-go-on`) {
		t.Errorf("%s", v.body)
	}
	v.get("/account/manage").sees("Manage of bob")
}
