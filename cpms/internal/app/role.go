package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

// Role gives or takes a role of power on the database of a service that may be running. The
// subject is idp's; it need never have signed in.
func Role(ctx context.Context, c Config, give bool, role, subject, network string, out io.Writer) error {
	db, err := sqldb.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	o := &access.Operator{Store: sqlstore.New(db), Now: time.Now}
	do, done := o.GrantRole, "given to"
	if !give {
		do, done = o.RevokeRole, "taken from"
	}
	if err := do(ctx, c.Issuer, subject, role, network); err != nil {
		return fmt.Errorf("%w: the role is COORDINATOR of a network or of *, or ADMINISTRATOR of *", err)
	}
	fmt.Fprintf(out, "%s (%s) %s %s.\n", role, network, done, subject)
	return nil
}
