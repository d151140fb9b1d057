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
	"eulogin.example/cpms/internal/signoff"
)

// batch is how much one statement reads or removes.
const batch = 200

// Store is what the jobs need.
type Store interface {
	// DueGrants gives the grants that call for a notice now, at most so many.
	DueGrants(ctx context.Context, now time.Time, most int) ([]access.Grant, error)
	// NoticeGrant marks a notice as given, with its event, mails and who is signed out;
	// access.ErrChanged when
	// another worker was faster.
	NoticeGrant(ctx context.Context, at time.Time, id string, n access.Notice, events []audit.Event, mails []notify.Mail, out ...signoff.Message) error
	// DropDrafts removes drafts untouched since a time, at most so many, and counts them.
	DropDrafts(ctx context.Context, untouched time.Time, most int) (int64, error)
	// DueRequests gives the requests that call for a reminder now (access.Request.Reminds), at most
	// so many.
	DueRequests(ctx context.Context, now time.Time, most int) ([]access.Request, error)
	// NoteReminder marks a reminder as given, with its event and mails; access.ErrChanged when
	// another worker was faster or the request went on.
	NoteReminder(ctx context.Context, at time.Time, r access.Request, stage access.Reminder, events []audit.Event, mails []notify.Mail) error
	// ApplyChange is that of access.Store.
	ApplyChange(ctx context.Context, c access.Change) error
	CoordinatorsOf(ctx context.Context, network string, at time.Time) ([]person.Person, error)
	Administrators(ctx context.Context) ([]person.Person, error)
	PersonByID(ctx context.Context, id string) (person.Person, error)
}

// Jobs runs them.
type Jobs struct {
	Store   Store
	Now     func() time.Time
	Log     *slog.Logger
	BaseURL string // for links in mails
	Every   time.Duration
}

// Run runs the jobs now and then again and again, until the context ends.
func (j *Jobs) Run(ctx context.Context) error {
	tick := time.NewTicker(j.Every)
	defer tick.Stop()
	for {
		if err := errors.Join(j.Grants(ctx), j.Requests(ctx), j.Drafts(ctx)); err != nil && ctx.Err() == nil {
			j.Log.WarnContext(ctx, "jobs", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
