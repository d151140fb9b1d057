package sqlstore

// Source says what one table holds about people and how their part of it is found.
type Source struct {
	Table   string
	Columns string // as "name" or "name:kind" with kind time, bool, json or bytes
	Where   string // $1 is the person's id
	// Omitted are columns that are not given out, with the reason.
	Omitted map[string]string
	// Kept is why something of it stays after an erasure, "" when nothing does.
	Kept string
}

const ofOwn = `request_id IN (SELECT id FROM requests WHERE person_id = $1)`

// The reasons for which records stay after an erasure.
const (
	tombstone = "the key stays, so that nobody else can ever be this person; name, address and assurance go"
	decision  = "what was decided stays, under identifiers alone; texts go"
	proof     = "a proof that names identifiers alone and cannot be changed"
)

// Personal are the tables that hold something about people, in the order of a copy.
var Personal = []Source{
	{Table: "people", Columns: "id issuer subject given_name family_name email mail_lang assurance status created_at:time updated_at:time", Where: "id = $1", Kept: tombstone},
	{Table: "person_words", Columns: "person_id word:bytes", Where: "person_id = $1"},
	{Table: "inbox", Columns: "issuer subject sequence", Where: "(issuer, subject) IN (SELECT issuer, subject FROM people WHERE id = $1)", Kept: "the number of the last event, so that none is applied twice"},
	{Table: "roles", Columns: "issuer subject role network given_at:time", Where: "(issuer, subject) IN (SELECT issuer, subject FROM people WHERE id = $1)"},
	{Table: "role_proposals", Columns: "person_id network by_id at:time", Where: "person_id = $1 OR by_id = $1"},
	{Table: "profiles", Columns: "person_id page1:json page2:json updated_at:time version", Where: "person_id = $1"},
	{Table: "profile_versions", Columns: "person_id version by_id at:time page1:json page2:json", Where: "person_id = $1"},
	{Table: "terms_accepted", Columns: "person_id edition at:time", Where: "person_id = $1"},
	{Table: "requests", Columns: `id person_id network country hospital role justification sponsor_name sponsor_email duration_days declaration:bool terms:bool state question answer reason
		terms_version assurance acr created_at:time updated_at:time submitted_at:time decided_at:time decided_by version`, Where: "person_id = $1", Kept: decision},
	{Table: "request_references", Columns: "request_id name email asked_at:time ends_at:time answered_at:time answer words", Where: ofOwn,
		Omitted: map[string]string{"digest": "of a secret that was sent to the sponsor alone"}},
	{Table: "remarks", Columns: "id request_id by_id side kind private:bool text at:time", Where: "by_id = $1 OR " + ofOwn, Kept: "that something was written stays; texts go"},
	{Table: "remark_mails", Columns: "request_id person_id at:time", Where: "person_id = $1"},
	{Table: "request_reminders", Columns: "request_id version stage at:time", Where: ofOwn, Kept: decision},
	{Table: "approvals", Columns: "request_id version by_id for_id at:time", Where: "by_id = $1 OR for_id = $1 OR " + ofOwn, Kept: decision},
	{Table: "receipts", Columns: "request_id version at:time jws", Where: ofOwn, Kept: proof},
	{Table: "grants", Columns: `id person_id request_id network role hospital starts_at:time ends_at:time suspended_at:time revoked_at:time warned_14:bool warned_3:bool closed:bool
		extends revoked_by revoked_reason`, Where: "person_id = $1", Kept: decision},
	{Table: "deputies", Columns: "id network coordinator_id deputy_id from_at:time until_at:time made_at:time ended_at:time", Where: "coordinator_id = $1 OR deputy_id = $1", Kept: decision},
	{Table: "bulks", Columns: "id by_id command text made_at:time", Where: "by_id = $1", Kept: decision},
	{Table: "bulk_items", Columns: "bulk_id request_id version result at:time from_state", Where: ofOwn + " OR bulk_id IN (SELECT id FROM bulks WHERE by_id = $1)", Kept: decision,
		Omitted: map[string]string{"mails": "identifiers of messages that waited ten minutes"}},
	{Table: "audit_events", Columns: "at:time actor subject action object detail:json", Where: "subject = $1 OR actor = $1", Kept: proof,
		Omitted: map[string]string{"id": "of the trail, not of the person", "seq": "of the trail, not of the person", "digest": "of the trail, not of the person"}},
}

// Elsewhere are tables that hold data of people in a form of their own, with how they are given
// out and when they end.
var Elsewhere = map[string]string{
	"outbox":   "messages on their way: given out as mails and sign-offs; those to the person and about their requests go at an erasure",
	"expiring": "given out as sessions; sessions end at an erasure, everything else after 12 hours at the latest",
}

// Impersonal are tables that hold nothing about people, with the reason.
var Impersonal = map[string]string{
	"audit_head":       "the end of the chain of the trail: a number and a digest",
	"receipt_keys":     "keys of this service",
	"network_settings": "what administrators say of networks",
	"hospitals":        "what administrators say of hospitals",
	"outbox_sequence":  "a number",
	"migrations":       "the schema",
	"migration_lease":  "which process changes the schema",
}
