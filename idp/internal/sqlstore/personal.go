package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/rights"
	"eulogin.example/proto/kit/sqldb"
)

// Source says what one table holds about people and how their part of it is found.
type Source struct {
	Table   string
	Columns string // as "name" or "name:kind" with kind time, bool or json
	Where   string // $1 is the account's id
	// Omitted are columns that are not given out, with the reason.
	Omitted map[string]string
	// Kept is why something of it stays after an erasure, "" when nothing does.
	Kept string
}

// The reasons why a column is not given out.
const (
	secret    = "a secret, or what a secret is checked with"
	internal  = "of this record, not of the person"
	somebody  = "names somebody else"
	otherForm = "another form of what is given out"
)

func omit(why string, columns ...string) map[string]string {
	out := map[string]string{}
	for _, c := range columns {
		out[c] = why
	}
	return out
}

const ofAccountID = "account_id = $1"

// Personal are the tables that hold something about people, in the order of a copy.
var Personal = []Source{
	{Table: "accounts", Columns: `id given_name family_name email mail_lang status assurance member_of always_mfa:bool warn_release:bool show_details:bool tell_signin:bool adaptive:bool
		guarded_at:time privacy_version created_at:time updated_at:time`, Where: "id = $1",
		Omitted: map[string]string{"email_key": otherForm, "version": internal}, Kept: "the identifier stays, so that nobody else can ever be this person; name and address go"},
	{Table: "passwords", Columns: "changed_at:time", Where: ofAccountID, Omitted: map[string]string{"hash": secret, "account_id": otherForm}},
	{Table: "numbers", Columns: "id number added_at:time last_used_at:time removed_at:time", Where: ofAccountID, Omitted: omit(otherForm, "account_id")},
	{Table: "devices", Columns: "id name number system status pin_failures bio_backup:bool bio_failures added_at:time last_used_at:time removed_at:time", Where: ofAccountID,
		Omitted: map[string]string{"account_id": otherForm, "public_key": secret, "key_thumbprint": secret, "pin_hash": secret, "offline_key": secret, "offline_pin": secret, "bio_credential": secret, "bio_key": secret, "bio_counter": internal, "push_target": secret}},
	{Table: "authenticators", Columns: "id name added_at:time last_used_at:time removed_at:time", Where: ofAccountID, Omitted: map[string]string{"account_id": otherForm, "seed": secret, "last_step": internal}},
	{Table: "recovery_sets", Columns: "id issued_at:time last_used_at:time removed_at:time", Where: ofAccountID, Omitted: omit(otherForm, "account_id")},
	{Table: "recovery_codes", Columns: "set_id place used_at:time", Where: "set_id IN (SELECT id FROM recovery_sets WHERE account_id = $1)", Omitted: omit(secret, "digest")},
	{Table: "webauthn_credentials", Columns: "id name transports attachment verifies:bool backup_eligible:bool backed_up:bool attested:bool status added_at:time last_used_at:time issued_at:time removed_at:time", Where: ofAccountID,
		Omitted: map[string]string{"account_id": otherForm, "credential_id": secret, "public_key": secret, "aaguid": internal, "counter": internal}},
	{Table: "webauthn_handles", Columns: "", Where: ofAccountID, Omitted: map[string]string{"account_id": otherForm, "handle": otherForm}},
	{Table: "factor_changes", Columns: "id at:time action method factor_id name undone_at:time", Where: ofAccountID, Omitted: map[string]string{"account_id": otherForm, "digest": secret}},
	{Table: "factor_losses", Columns: "id asked_at:time due_at:time state told_at:time helpdesk:bool ended_at:time", Where: ofAccountID, Omitted: map[string]string{"account_id": otherForm, "digest": secret}},
	{Table: "helpdesk_agents", Columns: "since:time", Where: ofAccountID, Omitted: omit(otherForm, "account_id")},
	{Table: "helpdesk_tickets", Columns: "id asked_at:time text closed_at:time", Where: ofAccountID, Omitted: map[string]string{"account_id": otherForm, "closed_by": somebody}},
	{Table: "helpdesk_cases", Columns: "id kind factor_id reason opened_at:time state ended_at:time", Where: ofAccountID, Omitted: map[string]string{"account_id": otherForm, "opened_by": somebody, "ended_by": somebody}},
	{Table: "email_changes", Columns: "id at:time old_email new_email undone_at:time", Where: ofAccountID, Omitted: map[string]string{"account_id": otherForm, "old_key": otherForm, "digest": secret}},
	{Table: "signin_history", Columns: "id at:time service browser address methods level outcome", Where: ofAccountID, Omitted: omit(otherForm, "account_id")},
	{Table: "consents", Columns: "client_id claim page essential:bool agreed_at:time told_at:time ended_at:time ended_for", Where: ofAccountID, Omitted: omit(otherForm, "account_id")},
	{Table: "refresh_families", Columns: "client_id sid scopes acr amr auth_time:time created_at:time rotated_at:time expires_at:time revoked_at:time revoked_for approval:json", Where: ofAccountID,
		Omitted: map[string]string{"account_id": otherForm, "id": internal, "jkt": internal, "current": secret, "previous": secret}, Kept: "identifiers and digests of tokens that ended; they go 90 days later"},
	{Table: "erasures", Columns: "id asked_at:time due_at:time state ended_at:time", Where: ofAccountID, Omitted: map[string]string{"account_id": otherForm, "digest": secret}, Kept: "the record behind the receipt, under identifiers alone"},
	{Table: "event_sequence", Columns: "last", Where: "subject = $1", Omitted: omit(otherForm, "subject"), Kept: "the number of the last event that services were told"},
	{Table: "audit_events", Columns: "at:time actor subject action detail:json", Where: "subject = $1 OR actor = $1", Omitted: omit(internal, "id"), Kept: "the record of what happened, under identifiers alone"},
}

// Elsewhere are tables that hold data of people in a form of their own, with how they are given
// out and when they end.
var Elsewhere = map[string]string{
	"outbox":   "messages on their way, which leave within seconds; dead letters are the operator's to look at",
	"expiring": "given out as sessions; everything in it ends by itself, sessions at an erasure",
}

// Impersonal are tables that hold nothing about people, with what they hold.
var Impersonal = map[string]string{
	"clients": "services, by their metadata; who registered one is staff", "client_places": "a number", "client_secrets": "secrets of services",
	"initial_tokens": "what lets services register themselves; who issued one is staff",
	"signing_keys":   "keys of this service", "secrets": "secrets of this service", "outbox_sequence": "a number", "migrations": "the schema", "migration_lease": "which process changes the schema",
}

// Stored gives all that the tables hold about a person.
func (s *Store) Stored(ctx context.Context, id account.ID) (out []rights.Table, err error) {
	for _, src := range Personal {
		t := rights.Table{Name: src.Table}
		if src.Columns != "" {
			if t.Records, err = s.recordsOf(ctx, src, id); err != nil {
				return nil, err
			}
		}
		out = append(out, t)
	}
	return out, nil
}

func (s *Store) recordsOf(ctx context.Context, src Source, id account.ID) (out [][]rights.Cell, err error) {
	var names, kinds []string
	for _, c := range strings.Fields(src.Columns) {
		name, kind, _ := strings.Cut(c, ":")
		names, kinds = append(names, name), append(kinds, kind)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT `+strings.Join(names, ", ")+` FROM `+src.Table+` WHERE `+src.Where+` ORDER BY 1`, string(id))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		record, err := recordOf(rows, names, kinds)
		if err != nil {
			return nil, err
		}
		out = append(out, record)
	}
	return out, rows.Err()
}

func recordOf(rows *sql.Rows, names, kinds []string) ([]rights.Cell, error) {
	into := make([]any, len(names))
	for i, k := range kinds {
		switch k {
		case "time":
			into[i] = new(int64)
		case "bool":
			into[i] = new(bool)
		default:
			into[i] = new(any)
		}
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	out := make([]rights.Cell, len(names))
	for i, v := range into {
		out[i] = rights.Cell{Column: names[i], Value: value(v, kinds[i])}
	}
	return out, nil
}

// value gives what was scanned as a copy tells it.
func value(v any, kind string) any {
	switch v := v.(type) {
	case *int64:
		return sqldb.FromMicros(*v)
	case *bool:
		return *v
	case *any:
		text := *v
		if raw, ok := text.([]byte); ok {
			text = string(raw)
		}
		if s, ok := text.(string); ok && kind == "json" {
			var o map[string]any
			if json.Unmarshal([]byte(s), &o) == nil {
				return o
			}
		}
		return text
	}
	return nil
}
