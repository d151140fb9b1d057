// Command idp is the OpenID Connect provider.
//
//	idp serve            run the service
//	idp config           list every setting, its present value and its meaning
//	idp client VERB …    check client metadata (RFC 7591), register clients, change, disable and remove
//	                     them, rotate their secrets, and issue the tokens with which services register
//	                     themselves; without a verb it lists the verbs (docs/clients.md)
//	idp helpdesk VERB WHO grant or revoke the role of a helpdesk agent; list lists them
//	idp keys VERB        list the signing keys, rotate them, or withdraw them in an emergency
//	idp account VERB WHO disable, enable or erase the account with this e-mail address or identifier;
//	                     receipt NUMBER says what became of an erasure that its owner asked for;
//	                     group join|leave WHO GROUP…, group of WHO and group members GROUP say who is in which group
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"eulogin.example/idp/internal/app"
)

// version is set by the build.
var version = "unknown"

func main() {
	command := "serve"
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	if err := run(command); err != nil {
		fmt.Fprintln(os.Stderr, "idp:", err)
		os.Exit(1)
	}
}

func run(command string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch command {
	case "serve":
		c, err := app.ReadConfig(os.Getenv, nil)
		if err != nil {
			return err
		}
		return app.Run(ctx, c, version, os.Stderr)
	case "config":
		_, err := app.ReadConfig(os.Getenv, os.Stdout)
		return err
	case "client":
		c, err := app.ReadConfig(os.Getenv, nil)
		if err != nil {
			return err
		}
		return app.Client(ctx, c, os.Args[2:], os.Stdout)
	case "keys":
		c, err := app.ReadConfig(os.Getenv, nil)
		if err != nil {
			return err
		}
		return app.Keys(ctx, c, os.Args[2:], os.Stdout)
	case "account":
		c, err := app.ReadConfig(os.Getenv, nil)
		if err != nil {
			return err
		}
		return app.Account(ctx, c, os.Args[2:], os.Stdout)
	case "helpdesk":
		c, err := app.ReadConfig(os.Getenv, nil)
		if err != nil {
			return err
		}
		return app.Helpdesk(ctx, c, os.Args[2:], os.Stdout)
	case "version":
		fmt.Println(version)
		return nil
	}
	return fmt.Errorf("unknown command %q: serve, config, client, keys, account, helpdesk or version", command)
}
