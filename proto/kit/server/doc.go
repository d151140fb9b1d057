// Package server runs a process: its listeners and background work start together, end
// together, and drain before they end.
//
// It owns timeouts, shutdown order, the operations port (health, ready, metrics) and the
// answer to "which address does this request come from". It knows no route of a service.
package server
