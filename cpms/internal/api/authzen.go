package api

import (
	"encoding/json"
	"io"
	"net/http"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/bearer"
	"eulogin.example/proto/kit/fault"
)

// The Access Evaluation API of AuthZEN (Authorization API 1.0, §6 and §7): may the person of the
// token do something, now? A program asks about nobody else; services do that over gRPC.
const (
	evaluationPath  = "/access/v1/evaluation"
	evaluationsPath = "/access/v1/evaluations"
	pdpMetadataPath = "/.well-known/authzen-configuration"
)

// evaluationsMax is how many questions one call may ask.
const evaluationsMax = 100

// errSubject says that the question is about somebody else.
var errSubject = fault.New(fault.Denied, "evaluate.subject")

type entity struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// evaluation is one question; in a batch, parts may be left to the defaults of the whole.
type evaluation struct {
	Subject  *entity `json:"subject"`
	Action   *named  `json:"action"`
	Resource *entity `json:"resource"`
	Context  any     `json:"context"` // is taken and means nothing here
}

type named struct {
	Name string `json:"name"`
}

type verdict struct {
	Decision bool           `json:"decision"`
	Context  map[string]any `json:"context"`
}

func (a *API) mountEvaluation(mux *http.ServeMux) {
	mux.Handle("POST "+evaluationPath, a.Guard.Require(look, a.handle(a.evaluate)))
	mux.Handle("POST "+evaluationsPath, a.Guard.Require(look, a.handle(a.evaluateMany)))
	mux.HandleFunc("GET "+pdpMetadataPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_ = json.NewEncoder(w).Encode(map[string]string{
			"policy_decision_point": a.BaseURL, "access_evaluation_endpoint": a.BaseURL + evaluationPath, "access_evaluations_endpoint": a.BaseURL + evaluationsPath,
		})
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

func (a *API) evaluate(r *http.Request, p person.Person) (any, error) {
	var q evaluation
	if err := read(r, &q); err != nil {
		return nil, err
	}
	return a.verdict(r, p, q)
}

// evaluateMany answers each question of a batch (AuthZEN §7.1, "execute_all").
func (a *API) evaluateMany(r *http.Request, p person.Person) (any, error) {
	var body struct {
		evaluation
		Evaluations []evaluation `json:"evaluations"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if len(body.Evaluations) == 0 { // §7.1: then it is a single question
		return a.verdict(r, p, body.evaluation)
	}
	if len(body.Evaluations) > evaluationsMax {
		return nil, errBody
	}
	out := struct {
		Evaluations []verdict `json:"evaluations"`
	}{}
	for _, q := range body.Evaluations {
		v, err := a.verdict(r, p, q.or(body.evaluation))
		if err != nil {
			return nil, err
		}
		out.Evaluations = append(out.Evaluations, v)
	}
	return out, nil
}

// or fills what a question leaves open from the defaults of its batch.
func (q evaluation) or(d evaluation) evaluation {
	if q.Subject == nil {
		q.Subject = d.Subject
	}
	if q.Action == nil {
		q.Action = d.Action
	}
	if q.Resource == nil {
		q.Resource = d.Resource
	}
	return q
}

func (a *API) verdict(r *http.Request, p person.Person, q evaluation) (verdict, error) {
	if q.Subject == nil || q.Action == nil || q.Resource == nil || q.Subject.Type != "user" || q.Resource.Type != "network" || q.Action.Name == "" || q.Resource.ID == "" {
		return verdict{}, errBody
	}
	if q.Subject.ID != bearer.From(r.Context()).Subject {
		return verdict{}, errSubject
	}
	got, err := a.Evaluator.Answer(r.Context(), access.Question{Issuer: p.Issuer, Subject: p.Subject, Network: q.Resource.ID, Action: access.Action(q.Action.Name)})
	if err != nil {
		return verdict{}, err
	}
	v := verdict{Decision: got.Allowed, Context: map[string]any{"reason": got.Reason}}
	if !got.Until.IsZero() {
		v.Context["until"] = got.Until.UTC()
	}
	return v, nil
}

func read(r *http.Request, into any) error {
	if err := json.NewDecoder(io.LimitReader(r.Body, bodyLimit)).Decode(into); err != nil {
		return errBody.Because(err)
	}
	return nil
}
