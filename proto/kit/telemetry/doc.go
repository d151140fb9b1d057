// Package telemetry sets up what a process tells operators: structured logs, metrics and
// traces, with the same names in both services.
//
// Logs carry the trace id; attributes named like secrets are masked. Traces are sent to an
// OTLP collector when one is set, and the W3C context travels on in any case.
package telemetry
