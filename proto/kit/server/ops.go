package server

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Check reports whether something that the service needs answers.
type Check func(ctx context.Context) error

// Ops serves /healthz (the process lives), /readyz (it can do its work; the checks by name)
// and /metrics. It belongs on a port that the public does not reach.
func (g *Group) Ops(checks map[string]Check, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		status, report := http.StatusOK, map[string]string{}
		if g.Stopping() {
			status, report["process"] = http.StatusServiceUnavailable, "stopping"
		}
		for name, check := range checks {
			report[name] = "ok"
			if err := check(ctx); err != nil {
				status, report[name] = http.StatusServiceUnavailable, "does not answer"
				g.Log.WarnContext(ctx, "not ready", "check", name, "error", err)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(report)
	})
	mux.Handle("GET /metrics", metrics)
	return mux
}
