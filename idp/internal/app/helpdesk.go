package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

// Helpdesk lets an operator say who works at the helpdesk: args are grant or revoke and the e-mail
// address or the identifier, or list. It may run beside the service.
func Helpdesk(ctx context.Context, c Config, args []string, out io.Writer) error {
	usage := fmt.Errorf("helpdesk: grant or revoke and an e-mail address or identifier, or list")
	if len(args) == 0 {
		return usage
	}
	db, err := sqldb.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	store := sqlstore.New(db)
	switch {
	case args[0] == "list" && len(args) == 1:
		agents, err := store.Agents(ctx)
		for _, id := range agents {
			a, aerr := store.ByID(ctx, id)
			if aerr != nil {
				return aerr
			}
			fmt.Fprintf(out, "%s %s\n", id, a.Email)
		}
		return err
	case (args[0] == "grant" || args[0] == "revoke") && len(args) == 2:
		a, err := whose(ctx, store, args[1])
		if err != nil {
			return fmt.Errorf("account %q: %w", args[1], err)
		}
		if err := store.SetAgent(ctx, a.ID, args[0] == "grant", time.Now()); err != nil {
			return err
		}
		fmt.Fprintf(out, "helpdesk %s: %s\n", args[0], a.ID)
		return nil
	}
	return usage
}
