// Package jobs is what time does in cpms: warnings before a grant ends, the word that it has
// ended, reminders of requests that wait, their end, and old drafts that go.
//
// That a grant gives nothing after its end does not hang on this package: the status is
// computed (access.Grant.Status). Every job may run in several processes at once and after
// any pause; what it does happens once.
package jobs
