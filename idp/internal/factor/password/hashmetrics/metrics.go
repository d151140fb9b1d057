// Package hashmetrics shows the password pool to Prometheus: queue depth, wait, duration
// and refusals. It is an adapter; only the wiring imports it.
package hashmetrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics observes a password.Pool.
type Metrics struct {
	queue    prometheus.Gauge
	wait     prometheus.Histogram
	duration prometheus.Histogram
	refused  prometheus.Counter
}

// New registers the metrics.
func New(reg prometheus.Registerer) (*Metrics, error) {
	buckets := []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 5}
	m := &Metrics{
		queue: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "idp_password_hash_queue", Help: "Callers waiting for a password hash worker."}),
		wait: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "idp_password_hash_wait_seconds", Help: "Time until a worker was free.", Buckets: buckets}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "idp_password_hash_duration_seconds", Help: "Time to compute one hash.", Buckets: buckets}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "idp_password_hash_refused_total", Help: "Hashes refused because the queue was full or the wait too long."}),
	}
	for _, c := range []prometheus.Collector{m.queue, m.wait, m.duration, m.refused} {
		err := reg.Register(c)
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

// HashQueue implements password.Observer.
func (m *Metrics) HashQueue(waiting int) { m.queue.Set(float64(waiting)) }

// HashWaited implements password.Observer.
func (m *Metrics) HashWaited(d time.Duration) { m.wait.Observe(d.Seconds()) }

// HashComputed implements password.Observer.
func (m *Metrics) HashComputed(d time.Duration) { m.duration.Observe(d.Seconds()) }

// HashRefused implements password.Observer.
func (m *Metrics) HashRefused() { m.refused.Inc() }
