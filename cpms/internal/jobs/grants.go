package jobs

import (
	"context"
	"errors"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/signoff"
)

// Grants gives every notice that is due now. One that fails does not hold up the others.
func (j *Jobs) Grants(ctx context.Context) error {
	return each(func() ([]access.Grant, error) { return j.Store.DueGrants(ctx, j.Now(), batch) },
		func(g access.Grant) string { return "grant " + g.ID },
		func(g access.Grant) error { return j.notice(ctx, j.Now(), g) })
}

func (j *Jobs) notice(ctx context.Context, now time.Time, g access.Grant) error {
	n := g.Due(now)
	if n == access.NoNotice { // the store's question and the rule disagree
		return errors.New("no notice is due")
	}
	p, err := j.Store.PersonByID(ctx, g.PersonID)
	if err != nil {
		return err
	}
	link := j.BaseURL + "/screen/home"
	mails, action := []notify.Mail{notify.Expiring(p, g.Network, g.EndsAt, link)}, "grant.expiring"
	var out []signoff.Message
	if n == access.NoticeEnd {
		mails, action = []notify.Mail{notify.Expired(p, g.Network, link)}, "grant.expired"
		out = []signoff.Message{{Issuer: p.Issuer, Subject: p.Subject, Reason: signoff.AccessExpired}}
	}
	if p.Status == person.Erased {
		mails = nil
	}
	event := audit.Event{At: now, Actor: audit.Clock, Subject: g.PersonID, Action: action, Object: g.RequestID, Detail: map[string]string{"network": g.Network, "role": g.Role}}
	return j.Store.NoticeGrant(ctx, now, g.ID, n, []audit.Event{event}, mails, out...)
}
