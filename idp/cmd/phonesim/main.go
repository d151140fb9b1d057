package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"eulogin.example/idp/internal/phoneclient"
)

// Exit statuses.
const (
	done    = 0
	failed  = 1
	misused = 2
	nothing = 3
)

var (
	errUsage   = errors.New("usage: phonesim enrol|inbox|approve|deny|watch|offline-code|on-mobile|pin|biometrics|devices|unlink --state FILE … (see the package's documentation)")
	errNothing = errors.New("no sign-in is waiting")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// run is main with everything passed in.
func run(ctx context.Context, args []string, env func(string) string, in io.Reader, out, errs io.Writer) int {
	err := command(ctx, args, env, in, out, errs)
	switch {
	case err == nil:
		return done
	case errors.Is(err, flag.ErrHelp):
		return misused
	}
	fmt.Fprintln(errs, "phonesim:", err)
	switch {
	case errors.Is(err, errUsage):
		return misused
	case errors.Is(err, errNothing):
		return nothing
	}
	return failed
}

// handset is one invocation: its options and what the phone remembers.
type handset struct {
	state, pin, number, account, request string
	newPIN                               string
	wait                                 time.Duration
	json, notMe, finger                  bool
	rest                                 []string
	in                                   io.Reader
	out                                  io.Writer
	client                               *phoneclient.Client
	memory                               phoneclient.Memory
}

var commands = map[string]func(*handset, context.Context) error{
	"enrol": (*handset).enrol, "inbox": (*handset).inbox, "approve": (*handset).approve, "deny": (*handset).deny,
	"watch": (*handset).watch, "offline-code": (*handset).offlineCode, "on-mobile": (*handset).onMobile,
	"pin": (*handset).changePIN, "biometrics": (*handset).biometrics, "devices": (*handset).devices, "unlink": (*handset).unlink,
}

func command(ctx context.Context, args []string, env func(string) string, in io.Reader, out, errs io.Writer) error {
	if len(args) == 0 || commands[args[0]] == nil {
		return errUsage
	}
	p := &handset{in: in, out: out, client: &phoneclient.Client{HTTP: &http.Client{Timeout: time.Minute}}}
	flags := flag.NewFlagSet("phonesim "+args[0], flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&p.state, "state", "", "file with what the phone remembers")
	flags.StringVar(&p.pin, "pin", env("PHONESIM_PIN"), "the PIN (or PHONESIM_PIN)")
	flags.StringVar(&p.newPIN, "new", "", "the new PIN")
	flags.StringVar(&p.number, "number", "", "the number that the browser shows")
	flags.StringVar(&p.account, "account", "", "e-mail address, when the phone has several accounts")
	flags.StringVar(&p.request, "request", "", "id, when several sign-ins wait")
	flags.DurationVar(&p.wait, "wait", 0, "how long to wait for a sign-in")
	flags.BoolVar(&p.json, "json", false, "one JSON object a line")
	flags.BoolVar(&p.finger, "finger", false, "unlock by biometrics instead of the PIN")
	flags.BoolVar(&p.notMe, "not-me", false, "report that somebody else is trying")
	if err := flags.Parse(args[1:]); err != nil {
		return errors.Join(errUsage, err)
	}
	if p.rest = flags.Args(); p.state == "" {
		return errUsage
	}
	memory, err := phoneclient.Load(p.state)
	if err != nil {
		return err
	}
	p.memory = memory
	return commands[args[0]](p, ctx)
}
