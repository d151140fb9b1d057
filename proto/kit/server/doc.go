// Package server runs a process: its listeners and background work start together, drain, and
// end together.
//
// It owns timeouts, shutdown, the operations port (health, ready, metrics), the names of routes
// in traces and metrics, the last resort for panics, and the answer to "which address does this
// request come from". It knows no route of a service.
package server
