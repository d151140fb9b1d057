package notify

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

// OutboxKind names mails in the outbox.
const OutboxKind = "mail"

// CoordinatorProposed asks another administrator to confirm a coordinator.
func CoordinatorProposed(a, who person.Person, network, link string) Mail {
	return to(a, "coordinator_proposed", network, link).with("requester", line(who.Name())).at(network)
}

// AllNetworks is the network of mails that concern all of them.
const AllNetworks = "*"

// Mail is one message to one person: its kind names the texts, Data fills them.
type Mail struct {
	Kind string            `json:"kind"`
	To   string            `json:"to"`
	Name string            `json:"name"`
	Lang string            `json:"lang"`
	Link string            `json:"link"`
	Data map[string]string `json:"data"`
}

// Kinds are all mails there are; each has texts mail.<kind>.subject and mail.<kind>.text.
var Kinds = []string{"received", "new_request", "question", "approved", "rejected", "withdrawn", "expiring", "expired", "suspended", "second_needed", "deputy_named", "deputy_set", "deputy_ended", "coordinator_given", "coordinator_taken", "coordinator_joined", "coordinator_left", "coordinator_proposed", "overdue", "escalated", "unanswered", "lapsed", "revoked", "given_back", "extended",
	"remark_desk", "remark_person", "reference", "reference_given", "reference_declined"}

func to(p person.Person, kind, slug, link string) Mail {
	n, _ := network.BySlug(slug)
	return Mail{Kind: kind, To: p.Email, Name: line(p.Name()), Lang: p.MailLang, Link: link, Data: map[string]string{"network": n.Code, "helpdesk": n.Helpdesk}}
}

// line makes one line of a name, whatever it came with.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

func (m Mail) with(key, value string) Mail {
	m.Data[key] = value
	return m
}

// Received confirms a submission to the requester.
func Received(p person.Person, network, link string) Mail { return to(p, "received", network, link) }

// NewRequest tells a coordinator that somebody waits.
func NewRequest(c, requester person.Person, network, link string) Mail {
	return to(c, "new_request", network, link).with("requester", line(requester.Name())).with("helpdesk", "")
}

// SecondNeeded tells somebody who may decide that a first coordinator approved.
func SecondNeeded(c, requester person.Person, network, link string) Mail {
	return to(c, "second_needed", network, link).with("requester", line(requester.Name())).with("helpdesk", "")
}

// DeputyNamed tells a deputy for whom, where and until when.
func DeputyNamed(p, absent person.Person, network string, from, until time.Time, link string) Mail {
	return deputy(p, absent, "deputy_named", network, from, until, link)
}

// DeputySet tells a coordinator that somebody stands in for them, so that nobody does unseen.
func DeputySet(p, named person.Person, network string, from, until time.Time, link string) Mail {
	return deputy(p, named, "deputy_set", network, from, until, link)
}

// DeputyEnded tells a deputy that it is over before its time.
func DeputyEnded(deputy, absent person.Person, network, link string) Mail {
	return to(deputy, "deputy_ended", network, link).with("requester", line(absent.Name())).with("helpdesk", "")
}

// Coordinator tells somebody that they coordinate a network now, or no longer.
func Coordinator(p person.Person, given bool, network, link string) Mail {
	return to(p, map[bool]string{true: "coordinator_given", false: "coordinator_taken"}[given], network, link).at(network)
}

// CoordinatorTold tells those who decide for a network that somebody came or went.
func CoordinatorTold(c, who person.Person, given bool, network, link string) Mail {
	kind := map[bool]string{true: "coordinator_joined", false: "coordinator_left"}[given]
	return to(c, kind, network, link).with("requester", line(who.Name())).at(network)
}

// at names the network of a mail to the desk; AllNetworks stands for itself until the text is
// made.
func (m Mail) at(slug string) Mail {
	if slug == AllNetworks {
		m.Data["network"] = AllNetworks
	}
	return m.with("helpdesk", "")
}

func deputy(p, other person.Person, kind, network string, from, until time.Time, link string) Mail {
	last := until.Add(-time.Second) // people are told the last day, not the first moment after it
	return to(p, kind, network, link).with("requester", line(other.Name())).with("helpdesk", "").
		with("starts", from.Format(time.RFC3339)).with("ends", last.Format(time.RFC3339))
}

// Question passes a coordinator's question on.
func Question(p person.Person, network, text, link string) Mail {
	return to(p, "question", network, link).with("text", text)
}

// Approved tells that access was granted, and until when.
func Approved(p person.Person, network string, ends time.Time, link string) Mail {
	return to(p, "approved", network, link).with("ends", ends.Format(time.RFC3339))
}

// Rejected tells that access was not granted, and why.
func Rejected(p person.Person, network, text, link string) Mail {
	return to(p, "rejected", network, link).with("text", text)
}

// Withdrawn confirms that the requester took the request back.
func Withdrawn(p person.Person, network, link string) Mail { return to(p, "withdrawn", network, link) }

// Overdue tells somebody who may decide that a request waits longer than promised.
func Overdue(c, requester person.Person, network, link string) Mail {
	return to(c, "overdue", network, link).with("requester", line(requester.Name())).with("helpdesk", "")
}

// Escalated tells the same, and those who look after the network, that it has waited far too long.
func Escalated(c, requester person.Person, network, link string) Mail {
	return to(c, "escalated", network, link).with("requester", line(requester.Name())).with("helpdesk", "")
}

// Unanswered reminds the requester of the coordinator's question.
func Unanswered(p person.Person, network, link string) Mail {
	return to(p, "unanswered", network, link)
}

// Lapsed tells that the request ended without a decision.
func Lapsed(p person.Person, network, link string) Mail { return to(p, "lapsed", network, link) }

// Revoked tells that a coordinator took access back, and why.
func Revoked(p person.Person, network, text, link string) Mail {
	return to(p, "revoked", network, link).with("text", text)
}

// GivenBack tells somebody who may decide that a holder gave access back.
func GivenBack(c, holder person.Person, network, link string) Mail {
	return to(c, "given_back", network, link).with("requester", line(holder.Name())).with("helpdesk", "")
}

// Extended tells that access goes on, and until when.
func Extended(p person.Person, network string, ends time.Time, link string) Mail {
	return to(p, "extended", network, link).with("ends", ends.Format(time.RFC3339))
}

// Reference asks the sponsor or hospital representative whether they vouch for somebody.
func Reference(sponsor, requester person.Person, network, link string) Mail {
	return to(sponsor, "reference", network, link).with("requester", line(requester.Name()))
}

// ReferenceGiven tells the requester that their sponsor or representative confirmed.
func ReferenceGiven(p person.Person, sponsor, network, link string) Mail {
	return to(p, "reference_given", network, link).with("requester", line(sponsor))
}

// ReferenceDeclined tells somebody who may decide that the sponsor or representative did not.
func ReferenceDeclined(c, requester person.Person, network, link string) Mail {
	return to(c, "reference_declined", network, link).with("requester", line(requester.Name())).with("helpdesk", "")
}

// Expiring warns that access ends soon.
func Expiring(p person.Person, network string, ends time.Time, link string) Mail {
	return to(p, "expiring", network, link).with("ends", ends.Format(time.RFC3339))
}

// Expired tells that access has ended.
func Expired(p person.Person, network, link string) Mail { return to(p, "expired", network, link) }

// Suspended tells that access rests until there is a second factor again.
func Suspended(p person.Person, network, link string) Mail { return to(p, "suspended", network, link) }

// Encode gives the mail as the outbox keeps it.
func (m Mail) Encode() ([]byte, error) { return json.Marshal(m) }

// ErrMalformed says that a message in the outbox can never be sent; it is put aside.
var ErrMalformed = fault.New(fault.Invalid, "mail.malformed")

// Decode undoes Encode. What is no mail, of no known kind, or to nobody is ErrMalformed.
func Decode(raw []byte) (m Mail, err error) {
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, ErrMalformed.Because(err)
	}
	if m.To == "" || !slices.Contains(Kinds, m.Kind) {
		return m, ErrMalformed
	}
	return m, nil
}
