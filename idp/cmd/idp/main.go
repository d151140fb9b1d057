// Command idp is the OpenID Connect provider.
//
//	idp serve            run the service
//	idp config           list every setting, its present value and its meaning
//	idp client FILE…     check client metadata (RFC 7591) without registering them
//	idp helpdesk VERB WHO grant or revoke the role of a helpdesk agent; list lists them
//	idp account VERB WHO disable, enable or erase the account with this e-mail address or identifier;
//	                     receipt NUMBER says what became of an erasure that its owner asked for
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"eulogin.example/idp/internal/app"
	"eulogin.example/idp/internal/client"
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
		return check(os.Args[2:])
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
	return fmt.Errorf("unknown command %q: serve, config, client, account, helpdesk or version", command)
}

// check is the dry run of client registration.
func check(files []string) error {
	c, err := app.ReadConfig(os.Getenv, nil)
	if err != nil {
		return err
	}
	var faults []error
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err == nil {
			_, err = client.Parse(raw, c.Development)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:\n%w", f, err))
			continue
		}
		fmt.Println(f, "is good")
	}
	return errors.Join(faults...)
}
