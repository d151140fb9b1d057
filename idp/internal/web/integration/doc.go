// Package integration holds the pages of the integration check: what it is and how a run begins, and the
// page of a run, on which a developer plays cases and reads what the service did. A run's address opens
// it to whoever has it, for an hour; there is nothing personal behind it.
package integration
