package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/signin"
	"eulogin.example/proto/kit/bearer"
	"eulogin.example/proto/kit/fault"
)

// Prefix is where the interface stands. Pages' rules (cookies, forms) do not apply below it.
const Prefix = "/api/v1/"

// bodyLimit is the longest body that is read, in bytes.
const bodyLimit = 8 << 10

var errBody = fault.New(fault.Invalid, "api.body")

// API serves the interface.
type API struct {
	Guard    *bearer.Guard
	People   *person.Service
	Access   *access.Service
	Profiles *profile.Service
	Now      func() time.Time
	// Evaluator answers questions at BaseURL (AuthZEN).
	Evaluator *access.Evaluator
	BaseURL   string
}

// What the calls want of a token.
var (
	look       = bearer.Need{Scope: "openid"}
	submitting = bearer.Need{Scope: "openid", ACR: signin.Enough(signin.ACRMedium), MaxAge: access.Fresh}
)

// Mount adds the routes.
func (a *API) Mount(mux *http.ServeMux) {
	mux.Handle("GET "+Prefix+"access", a.Guard.Require(look, a.handle(a.mine)))
	mux.Handle("GET "+Prefix+"requests/{id}", a.Guard.Require(look, a.handle(a.request)))
	mux.Handle("POST "+Prefix+"requests/{id}/submit", a.Guard.Require(submitting, a.handle(a.submit)))
	a.mountEvaluation(mux)
	mux.HandleFunc(Prefix, func(w http.ResponseWriter, r *http.Request) {
		a.Guard.Problem(w, r, fault.New(fault.NotFound, "api.no_such_call"))
	})
}

// handle finds the person of the token, and answers with what the call gives.
func (a *API) handle(call func(*http.Request, person.Person) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := a.person(r.Context())
		var out any
		if err == nil {
			out, err = call(r, p)
		}
		if err != nil {
			a.Guard.Problem(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out) // the caller may be gone
	})
}

// granted is one access as programs see it.
type granted struct {
	ID       string    `json:"id"`
	Network  string    `json:"network"`
	Role     string    `json:"role"`
	Hospital string    `json:"hospital,omitempty"`
	Status   string    `json:"status"`
	EndsAt   time.Time `json:"ends_at"`
}

// requested is one request as programs see it.
type requested struct {
	ID      string `json:"id"`
	Network string `json:"network"`
	Role    string `json:"role"`
	State   string `json:"state"`
	Version int64  `json:"version"`
}

func shown(r access.Request) requested {
	return requested{r.ID, r.Network, r.Role, string(r.State), r.Version}
}

// mine lists the person's access and requests.
func (a *API) mine(r *http.Request, p person.Person) (any, error) {
	out := struct {
		Grants   []granted   `json:"grants"`
		Requests []requested `json:"requests"`
	}{[]granted{}, []requested{}}
	grants, requests, err := a.of(r.Context(), p)
	for _, g := range grants {
		out.Grants = append(out.Grants, granted{g.ID, g.Network, g.Role, g.Hospital, string(g.Status(a.Now())), g.EndsAt.UTC()})
	}
	for _, q := range requests {
		out.Requests = append(out.Requests, shown(q))
	}
	return out, err
}

func (a *API) of(ctx context.Context, p person.Person) ([]access.Grant, []access.Request, error) {
	grants, err := a.Access.Store.GrantsOf(ctx, p.ID)
	if err != nil {
		return nil, nil, err
	}
	requests, err := a.Access.Store.RequestsOf(ctx, p.ID)
	return grants, requests, err
}

func (a *API) request(r *http.Request, p person.Person) (any, error) {
	q, err := a.Access.Own(r.Context(), p, r.PathValue("id"))
	return shown(q), err
}

// submit submits a draft as it is stored. The version that the program saw must still be the
// stored one.
func (a *API) submit(r *http.Request, p person.Person) (any, error) {
	var body struct {
		Version int64 `json:"version"`
	}
	dec := json.NewDecoder(io.LimitReader(r.Body, bodyLimit))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil {
		return nil, errBody.Because(err)
	}
	done, err := a.submitDraft(r.Context(), p, r.PathValue("id"), body.Version)
	return shown(done), err
}

// submitDraft submits a draft with the strength that the token tells.
func (a *API) submitDraft(ctx context.Context, p person.Person, id string, version int64) (access.Request, error) {
	q, err := a.Access.Own(ctx, p, id)
	if err != nil {
		return q, err
	}
	q.Version = version
	prof, err := a.Profiles.Of(ctx, p.ID)
	if err != nil {
		return q, err
	}
	t := bearer.From(ctx)
	st := access.Strength{Medium: signin.Reaches(t.ACR, signin.ACRMedium), AuthTime: t.AuthTime}
	return a.Access.Submit(ctx, p, q, prof.Complete(), st, t.ACR)
}
