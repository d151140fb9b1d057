package server

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Check reports whether something that the service needs answers.
type Check func(ctx context.Context) error

// checkTime is how long a check may take; all run at once.
const checkTime = 2 * time.Second

// Ops serves /healthz (the process lives), /readyz (it can do its work; the checks by name)
// and /metrics. It belongs on a port that the public does not reach.
func (g *Group) Ops(checks map[string]Check, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		status, report := http.StatusOK, map[string]string{}
		if g.Stopping() {
			status, report["process"] = http.StatusServiceUnavailable, "stopping"
		}
		for name, err := range g.ask(r.Context(), checks) {
			report[name] = "ok"
			if err != nil {
				status, report[name] = http.StatusServiceUnavailable, "does not answer"
				g.Log.WarnContext(r.Context(), "not ready", "check", name, "error", err)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(report)
	})
	mux.Handle("GET /metrics", metrics)
	return mux
}

// ask runs all checks at once, so that one that hangs does not make the others look broken.
func (g *Group) ask(ctx context.Context, checks map[string]Check) map[string]error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	type answer struct {
		name string
		err  error
	}
	answers := make(chan answer, len(checks))
	out := map[string]error{}
	for name, check := range checks {
		out[name] = context.DeadlineExceeded // until it answers
		go func() { answers <- answer{name, check(ctx)} }()
	}
	for range checks {
		select {
		case a := <-answers:
			out[a.name] = a.err
		case <-ctx.Done():
			return out
		}
	}
	return out
}
