package hashmetrics_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/factor/password/hashmetrics"
)

func TestPoolIsSeen(t *testing.T) {
	reg := prometheus.NewRegistry()
	m, err := hashmetrics.New(reg)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := password.NewPool(password.PoolConfig{
		Params: password.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}, Workers: 1, Queue: 1, MaxWait: time.Second,
		Now: time.Now, Rand: rand.Reader, Observer: m,
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err = pool.Hash(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
	}
	m.HashRefused()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]float64{}
	for _, f := range families {
		metric := f.GetMetric()[0]
		seen[f.GetName()] = float64(metric.GetHistogram().GetSampleCount()) + metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
	}
	for name, want := range map[string]float64{
		"idp_password_hash_duration_seconds": 3, "idp_password_hash_wait_seconds": 3, "idp_password_hash_refused_total": 1, "idp_password_hash_queue": 0,
	} {
		if got, ok := seen[name]; !ok || got != want {
			t.Errorf("%s: %v (there: %v)", name, got, ok)
		}
	}
	if _, err := hashmetrics.New(reg); err == nil {
		t.Error("a second registration must fail at start, not count twice")
	}
}
