package app

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/outward"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/sector"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/sqldb"
)

// registrar makes the service that changes clients, on a registry with those of files and database.
// A client that cannot be read is left out, and logged.
func (c Config) registrar(ctx context.Context, store *sqlstore.Store, kek []byte, now func() time.Time, log *slog.Logger) (*registration.Service, error) {
	box, err := seal.New(kek)
	if err != nil {
		return nil, err
	}
	clients, err := client.Load(c.ClientsDir, c.Development)
	if err != nil {
		return nil, err
	}
	s := &registration.Service{Store: store, Tokens: store, Clients: clients, Admits: c.MTLS.admits(), Box: box, Now: now, Random: rand.Reader, Sector: c.sector().Check}
	err = clients.Use(ctx, s)
	if errors.Is(err, client.ErrUnreadable) {
		log.ErrorContext(ctx, "clients are left out", "error", err)
		err = nil
	}
	return s, err
}

// clientCommand is one thing that an operator does with clients.
type clientCommand struct {
	*registration.Service
	by  string
	out io.Writer
}

const clientUsage = `client: check FILE…, register FILE, update --version N FILE, list, show ID,
  rotate-secret [--overlap 24h] ID, disable ID, enable [--version N] ID, remove ID,
  token [--uses 1] [--days 7] [--scopes "openid email profile"] [--hosts a.example,b.example] [--no-approval],
  token list, token revoke ID`

var errClientUsage = errors.New(clientUsage)

// Client lets an operator register clients and change those of the database. It may run beside the
// service, which sees each change within a few seconds. Files without a verb are checked, as before.
func Client(ctx context.Context, c Config, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errClientUsage
	}
	verbs := map[string]func(clientCommand, context.Context, []string) error{
		"register": clientCommand.register, "update": clientCommand.update, "list": clientCommand.list, "show": clientCommand.show,
		"rotate-secret": clientCommand.rotate, "disable": clientCommand.disable, "enable": clientCommand.enable, "remove": clientCommand.remove,
		"token": clientCommand.token,
	}
	do, known := verbs[args[0]]
	if !known {
		if args[0] == "check" {
			args = args[1:]
		}
		return CheckClients(ctx, c, args, out)
	}
	db, err := sqldb.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	kek, err := c.sealKey()
	if err != nil {
		return err
	}
	s, err := c.registrar(ctx, sqlstore.New(db), kek, time.Now, slog.Default())
	if err != nil {
		return err
	}
	return toldPlainly(do(clientCommand{s, "command " + operator(), out}, ctx, args[1:]))
}

// toldPlainly says in words what stands behind a code.
func toldPlainly(err error) error {
	for known, text := range map[*fault.Error]string{
		client.ErrUnknown: "the database has no such client", registration.ErrExists: "there is a client of this id, or there was one: an id is not given twice",
		registration.ErrInFile: "this client stands in a file of IDP_CLIENTS_DIR: change the file", registration.ErrVersion: "the client is of another version by now: look at it again (idp client show)",
		registration.ErrUnseen: "this client waits for your approval: look at it (idp client show), and enable the version that you saw (--version N)",
		registration.ErrSecret: "this client does not authenticate by a secret", registration.ErrToken: "there is no such initial access token, or it is revoked",
	} {
		if errors.Is(err, known) {
			return errors.New("client: " + text)
		}
	}
	if f := fault.As(err); f != nil && len(f.Fields) > 0 {
		return fmt.Errorf("client: not good: %s\n%w", strings.Join(slices.Sorted(maps.Keys(f.Fields)), ", "), errClientUsage)
	}
	return err
}

// CheckClients is the dry run of registration.
func CheckClients(ctx context.Context, c Config, files []string, out io.Writer) error {
	if len(files) == 0 {
		return errClientUsage
	}
	var faults []error
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err == nil {
			var one *client.Client
			if one, err = client.Parse(raw, c.Development); err == nil {
				err = c.MTLS.admits().Check(one)
			}
			if err == nil {
				err = c.sector().Check(ctx, one)
			}
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:\n%w", f, err))
			continue
		}
		fmt.Fprintln(out, f, "is good")
	}
	return errors.Join(faults...)
}

// sector reads the lists of redirect addresses behind sector_identifier_uri.
func (c Config) sector() sector.Reader {
	return sector.Reader{HTTP: outward.Internet(5*time.Second, c.Development)}
}

// operator is who runs the command.
func operator() string {
	u, err := user.Current()
	if err != nil {
		return "somebody"
	}
	return u.Username
}

// one reads the flags and the one argument of a verb.
func one(args []string, flags *flag.FlagSet) (string, error) {
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		return "", fmt.Errorf("%w\n%s", err, clientUsage)
	}
	if flags.NArg() != 1 {
		return "", errClientUsage
	}
	return flags.Arg(0), nil
}

func named(verb string) *flag.FlagSet { return flag.NewFlagSet(verb, flag.ContinueOnError) }
