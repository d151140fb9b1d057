package app

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/sqlstore"
)

// groups lets an operator say who is in which group: args are join or leave, an e-mail address or
// identifier, and names of groups; of and whom; or members and a group.
func groups(ctx context.Context, store *sqlstore.Store, args []string, out io.Writer) error {
	if len(args) >= 2 && args[0] == "members" {
		return members(ctx, store, args[1:], out)
	}
	usage := fmt.Errorf("account group: join or leave, an e-mail address or identifier, and groups; of and whom; or members and a group")
	if len(args) < 2 || (args[0] == "of") != (len(args) == 2) {
		return usage
	}
	a, err := whose(ctx, store, args[1])
	if err != nil {
		return fmt.Errorf("account %q: %w", args[1], err)
	}
	names := args[2:]
	var joined, left []string
	switch args[0] {
	case "of":
		fmt.Fprintln(out, strings.Join(a.Groups, " "))
		return nil
	case "join":
		joined = names
		if a.Groups, err = account.Joined(a.Groups, names...); err != nil {
			return fmt.Errorf("account group: a name has 1 to 64 letters, digits, dots, hyphens and underscores, and a person is in at most %d: %w", ident.GroupsMost, err)
		}
	case "leave":
		left, a.Groups = names, account.Left(a.Groups, names...)
	default:
		return usage
	}
	if err := store.SetGroups(ctx, time.Now(), a, audit.GroupsChanged(a.ID, joined, left)); err != nil {
		return err
	}
	fmt.Fprintf(out, "account %s: %s\n", a.ID, strings.Join(a.Groups, " "))
	return nil
}

func members(ctx context.Context, store *sqlstore.Store, names []string, out io.Writer) error {
	for _, name := range names {
		all, err := store.Members(ctx, name)
		if err != nil {
			return err
		}
		for _, a := range all {
			fmt.Fprintf(out, "%s %s %s\n", name, a.ID, a.Email)
		}
	}
	return nil
}
