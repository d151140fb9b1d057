// Command cpms is the access desk for the European Reference Networks.
//
//	cpms serve             run the service
//	cpms config            list every setting, its present value and its meaning
//	cpms client-metadata   print this service's registration for idp (RFC 7591)
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
	command := "serve"
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	if err := run(command); err != nil {
		fmt.Fprintln(os.Stderr, "cpms:", err)
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
	case "client-metadata":
		c, err := app.ReadConfig(os.Getenv, nil)
		if err != nil {
			return err
		}
		raw, err := app.Metadata(c)
		if err != nil {
			return err
		}
		_, err = fmt.Println(string(raw))
		return err
	case "version":
		fmt.Println(version)
		return nil
	}
	return fmt.Errorf("unknown command %q: serve, config, client-metadata or version", command)
}
