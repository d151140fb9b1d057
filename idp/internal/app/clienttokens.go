package app

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"eulogin.example/idp/internal/registration"
)

// token makes, lists and revokes initial access tokens.
func (c clientCommand) token(ctx context.Context, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "list":
		return c.tokens(ctx)
	case len(args) == 2 && args[0] == "revoke":
		if err := c.RevokeToken(ctx, c.by, args[1]); err != nil {
			return err
		}
		fmt.Fprintf(c.out, "initial access token %s: revoked\n", args[1])
		return nil
	}
	return c.issue(ctx, args)
}

// issue makes one, by which an operator approves each client unless the flags say otherwise.
func (c clientCommand) issue(ctx context.Context, args []string) error {
	flags := named("token")
	flags.SetOutput(io.Discard)
	uses, days := flags.Int64("uses", 1, ""), flags.Int64("days", 7, "")
	scopes, hosts := flags.String("scopes", "openid email profile", ""), flags.String("hosts", "", "")
	open := flags.Bool("no-approval", false, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return errClientUsage
	}
	p := registration.Policy{Scopes: strings.Fields(*scopes), Approval: !*open}
	if *hosts != "" {
		p.Hosts = strings.Split(*hosts, ",")
	}
	t, plain, err := c.IssueToken(ctx, c.by, *uses, *days, p)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "initial access token %s: for %d clients, until %s\ninitial_access_token: %s\n(it is shown this once)\n", t.ID, t.Left, t.EndsAt.Format(time.RFC3339), plain)
	return nil
}

func (c clientCommand) tokens(ctx context.Context) error {
	all, err := c.Tokens.InitialTokens(ctx)
	for _, t := range all {
		state := "over"
		if t.Good(c.Now()) {
			state = "good"
		}
		fmt.Fprintf(c.out, "%s\t%s\t%d left\tuntil %s\tscopes %s\thosts %s\tapproval %v\tby %s\n", t.ID, state, t.Left, t.EndsAt.Format(time.RFC3339),
			strings.Join(t.Policy.Scopes, " "), strings.Join(t.Policy.Hosts, " "), t.Policy.Approval, t.CreatedBy)
	}
	return err
}
