// Package sqlstore keeps cpms's people, profiles, requests, grants and audit trail in one SQL
// text for SQLite and PostgreSQL. Each exported write is one whole business write: state,
// audit events and mails in one transaction. No rule lives here.
package sqlstore
