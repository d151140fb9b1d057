// Package telemetry sets up what a process tells operators: structured logs, metrics and
// traces, with the same names in both services.
//
// Logs carry the trace id and the request's reference; attributes named like secrets are
// masked. Traces are sent to an OTLP collector when one is set, without addresses; the W3C
// context travels on in any case. It owns no metric of a service: those are registered on
// Telemetry.Registry by who measures.
package telemetry
