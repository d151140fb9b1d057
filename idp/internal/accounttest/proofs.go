package accounttest

import (
	"context"
	"sync"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// Proofs stands in for the sign-in machine where a second factor is proved: the test says
// what was proved.
type Proofs struct {
	mu    sync.Mutex
	ready map[string]proof
	Begun []ident.AccountID
}

type proof struct {
	id      ident.AccountID
	browser string
	at      time.Time
}

// Begin implements recover.Prover.
func (p *Proofs) Begin(_ context.Context, id ident.AccountID, _, returnPath string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Begun = append(p.Begun, id)
	return "/login?flow=test&back=" + returnPath, nil
}

// Prove makes a proof ready under its id.
func (p *Proofs) Prove(proofID string, id ident.AccountID, browser string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ready == nil {
		p.ready = map[string]proof{}
	}
	p.ready[proofID] = proof{id, browser, at}
}

// Proved implements recover.Prover: each proof counts once, in its browser.
func (p *Proofs) Proved(_ context.Context, proofID, browser string) (ident.AccountID, time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	got, ok := p.ready[proofID]
	if !ok || got.browser != browser {
		return "", time.Time{}, fault.New(fault.Denied, "login.other_browser")
	}
	delete(p.ready, proofID)
	return got.id, got.at, nil
}
