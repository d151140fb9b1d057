package app

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

// Access prints what somebody has and asked for, by idp's subject, without names or texts.
func Access(ctx context.Context, c Config, subject string, out io.Writer) error {
	db, err := sqldb.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	store := sqlstore.New(db)
	p, err := store.PersonByKey(ctx, c.Issuer, subject)
	if err != nil {
		return fmt.Errorf("%s: %w", subject, err)
	}
	grants, err := store.GrantsOf(ctx, p.ID)
	if err != nil {
		return err
	}
	requests, err := store.RequestsOf(ctx, p.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is %s\n", subject, p.Status)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "GRANT OF REQUEST\tNETWORK\tROLE\tSTATUS\tENDS")
	for _, g := range grants {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", g.RequestID, g.Network, g.Role, g.Status(time.Now()), g.EndsAt.Format(time.RFC3339))
	}
	fmt.Fprintln(w, "REQUEST\tNETWORK\tROLE\tSTATE\tCHANGED")
	for _, r := range requests {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Network, r.Role, r.State, r.UpdatedAt.Format(time.RFC3339))
	}
	return w.Flush()
}

// Revoke takes back the access that a request led to. The running service signs the holder out
// and sends the mail.
func Revoke(ctx context.Context, c Config, requestID, reason string, out io.Writer) error {
	db, err := sqldb.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := access.RevokeByOperator(ctx, sqlstore.New(db), time.Now(), requestID, reason, c.BaseURL+"/screen/home"); err != nil {
		return fmt.Errorf("request %s: %w", requestID, err)
	}
	fmt.Fprintf(out, "The access of request %s has been taken back.\n", requestID)
	return nil
}
