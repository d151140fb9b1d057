// Command cpms is the access desk for the European Reference Networks.
//
//	cpms serve                          run the service
//	cpms config                         list every setting, its present value and its meaning
//	cpms client-metadata                print this service's registration for idp (RFC 7591)
//	cpms audit verify [NUMBER:DIGEST …] hold the audit trail against its chain, and against what was noted before
//	cpms role give|take ROLE SUBJECT NETWORK  COORDINATOR of a network (or "*"), or ADMINISTRATOR of "*"; SUBJECT is idp's
//	cpms access SUBJECT                 what somebody has and asked for, by idp's subject
//	cpms revoke REQUEST REASON          take back the access that a request led to, when nobody at the desk can
//	cpms verify-receipt FILE [KEYS]     check the signed receipt of a decision; KEYS is a file, or the address of a cpms (default: this one's)
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"eulogin.example/cpms/internal/app"
)

// version is set by the build.
var version = "unknown"

func main() {
	args := os.Args[1:]
	if len(args) == 0 {
		args = []string{"serve"}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, args[0], args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cpms:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, command string, args []string) error {
	switch command {
	case "serve":
		return configured(func(c app.Config) error { return app.Run(ctx, c, version, os.Stderr) })
	case "config":
		_, err := app.ReadConfig(os.Getenv, os.Stdout)
		return err
	case "client-metadata":
		return configured(metadata)
	case "audit":
		if len(args) == 0 || args[0] != "verify" {
			return fmt.Errorf("usage: cpms audit verify [NUMBER:DIGEST …]")
		}
		return configured(func(c app.Config) error { return app.VerifyAudit(ctx, c, args[1:], os.Stdout) })
	case "role":
		if len(args) != 4 || args[0] != "give" && args[0] != "take" {
			return fmt.Errorf("usage: cpms role give|take ROLE SUBJECT NETWORK")
		}
		return configured(func(c app.Config) error {
			return app.Role(ctx, c, args[0] == "give", args[1], args[2], args[3], os.Stdout)
		})
	case "access":
		if len(args) != 1 {
			return fmt.Errorf("usage: cpms access SUBJECT")
		}
		return configured(func(c app.Config) error { return app.Access(ctx, c, args[0], os.Stdout) })
	case "revoke":
		if len(args) != 2 {
			return fmt.Errorf("usage: cpms revoke REQUEST REASON")
		}
		return configured(func(c app.Config) error { return app.Revoke(ctx, c, args[0], args[1], os.Stdout) })
	case "verify-receipt":
		return verifyReceipt(ctx, args)
	case "version":
		fmt.Println(version)
		return nil
	}
	return fmt.Errorf("unknown command %q: serve, config, client-metadata, audit, role, access, revoke, verify-receipt or version", command)
}

func configured(do func(app.Config) error) error {
	c, err := app.ReadConfig(os.Getenv, nil)
	if err != nil {
		return err
	}
	return do(c)
}

func metadata(c app.Config) error {
	raw, err := app.Metadata(c)
	if err == nil {
		_, err = fmt.Println(string(raw))
	}
	return err
}

// verifyReceipt asks nothing of the settings when the keys are given: whoever holds a receipt
// may check it on any computer.
func verifyReceipt(ctx context.Context, args []string) error {
	switch len(args) {
	case 1:
		return configured(func(c app.Config) error { return app.VerifyReceipt(ctx, args[0], c.BaseURL, os.Stdout) })
	case 2:
		return app.VerifyReceipt(ctx, args[0], args[1], os.Stdout)
	}
	return fmt.Errorf("usage: cpms verify-receipt FILE [KEYS]")
}
