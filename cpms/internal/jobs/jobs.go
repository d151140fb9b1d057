// Package jobs is what time does: warnings before a grant ends, and its end. Every job may
// run in several processes and after a pause; what it does happens once.
package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
)

// Store is what the jobs need.
type Store interface {
	EndingGrants(ctx context.Context, before time.Time, most int) ([]access.Grant, error)
	NoticeGrant(ctx context.Context, at time.Time, id string, n access.Notice, events []audit.Event, mails []notify.Mail) error
	PersonByID(ctx context.Context, id string) (person.Person, error)
}

// Jobs runs them.
type Jobs struct {
	Store   Store
	Now     func() time.Time
	Log     *slog.Logger
	BaseURL string
	Every   time.Duration
}

// Run runs the jobs until the context ends.
func (j *Jobs) Run(ctx context.Context) error {
	tick := time.NewTicker(j.Every)
	defer tick.Stop()
	for {
		if err := j.Grants(ctx); err != nil && ctx.Err() == nil {
			j.Log.WarnContext(ctx, "grants", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Grants gives every notice that is due now.
func (j *Jobs) Grants(ctx context.Context) error {
	now := j.Now()
	ending, err := j.Store.EndingGrants(ctx, now.Add(access.Soon), 500)
	if err != nil {
		return err
	}
	for _, g := range ending {
		n := g.Due(now)
		if n == access.NoNotice {
			continue
		}
		p, err := j.Store.PersonByID(ctx, g.PersonID)
		if err != nil {
			return err
		}
		link := j.BaseURL + "/screen/home"
		mails, action := []notify.Mail{notify.Expiring(p, g.Network, g.EndsAt, link)}, "grant.expiring"
		if n == access.NoticeEnd {
			mails, action = []notify.Mail{notify.Expired(p, g.Network, link)}, "grant.expired"
		}
		if p.Status == person.Erased {
			mails = nil
		}
		event := audit.Event{At: now, Actor: "clock", Subject: g.PersonID, Action: action, Object: g.RequestID}
		if err := j.Store.NoticeGrant(ctx, now, g.ID, n, []audit.Event{event}, mails); err != nil && !errors.Is(err, access.ErrChanged) {
			return err
		}
	}
	return nil
}
