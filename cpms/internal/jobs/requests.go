package jobs

import (
	"context"
	"errors"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
)

// Requests gives every reminder about a request that is due now, and ends those that waited too
// long. One that fails does not hold up the others.
func (j *Jobs) Requests(ctx context.Context) error {
	return each(func() ([]access.Request, error) { return j.Store.DueRequests(ctx, j.Now(), batch) },
		func(r access.Request) string { return "request " + r.ID },
		func(r access.Request) error { return j.remind(ctx, j.Now(), r) })
}

func (j *Jobs) remind(ctx context.Context, now time.Time, r access.Request) error {
	stage := r.Reminds(now)
	if stage == access.NoReminder { // the store's question and the rule disagree
		return errors.New("no reminder is due")
	}
	requester, err := j.Store.PersonByID(ctx, r.PersonID)
	if err != nil {
		return err
	}
	event := audit.Event{At: now, Actor: audit.Clock, Subject: r.PersonID, Action: "request." + string(stage), Object: r.ID}
	if stage == access.TimeUp {
		return j.lapse(ctx, now, r, requester, event)
	}
	mails := []notify.Mail{notify.Unanswered(requester, r.Network, j.BaseURL+"/request/"+r.ID)}
	if stage != access.Unanswered {
		if mails, err = j.urge(ctx, now, r, requester, stage); err != nil {
			return err
		}
	}
	return j.Store.NoteReminder(ctx, now, r, stage, []audit.Event{event}, mails)
}

// urge tells everybody who may decide, and when it is urgent those who look after the network.
func (j *Jobs) urge(ctx context.Context, now time.Time, r access.Request, requester person.Person, stage access.Reminder) (mails []notify.Mail, err error) {
	people, err := j.Store.CoordinatorsOf(ctx, r.Network, now)
	if err != nil {
		return nil, err
	}
	link := j.BaseURL + "/desk/" + r.ID
	told := map[string]bool{requester.Email: true} // nobody decides about themselves
	tell := func(p person.Person, m notify.Mail) {
		if !told[p.Email] && p.Email != "" {
			told[p.Email], mails = true, append(mails, m)
		}
	}
	for _, p := range people {
		if stage == access.Escalated {
			tell(p, notify.Escalated(p, requester, r.Network, link))
		} else {
			tell(p, notify.Overdue(p, requester, r.Network, link))
		}
	}
	if stage != access.Escalated {
		return mails, nil
	}
	admins, err := j.Store.Administrators(ctx)
	for _, p := range admins {
		tell(p, notify.Escalated(p, requester, r.Network, j.BaseURL+"/admin"))
	}
	if n, ok := network.BySlug(r.Network); ok {
		desk := person.Person{GivenName: n.Code, Email: n.Helpdesk, MailLang: "en"}
		tell(desk, notify.Escalated(desk, requester, r.Network, link))
	}
	return mails, err
}

// lapse ends a request that nobody brought to an end, by the table's rule.
func (j *Jobs) lapse(ctx context.Context, now time.Time, r access.Request, requester person.Person, event audit.Event) error {
	to, ok := access.Next(r.State, access.Clock, access.Lapse)
	if !ok {
		return access.ErrState
	}
	from := r.Version
	r.State, r.UpdatedAt, r.Version = to, now, from+1
	return j.Store.ApplyChange(ctx, access.Change{
		Request: r, From: from, Events: []audit.Event{event}, Mails: []notify.Mail{notify.Lapsed(requester, r.Network, j.BaseURL+"/request/"+r.ID)},
	})
}
