package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/pkcs11"
	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

// Keys lets an operator look at the signing keys and change them outside their schedule: args are
// list; rotate and perhaps an algorithm; emergency and perhaps an algorithm or a kid. It may run beside
// the service, whose processes follow within a quarter of a minute.
func Keys(ctx context.Context, c Config, args []string, out io.Writer) error {
	usage := errors.New("keys: list; rotate [ALGORITHM]; or emergency [ALGORITHM or KID]")
	if len(args) == 0 || len(args) > 2 {
		return usage
	}
	a := &app{Config: c, now: time.Now}
	var err error
	if a.db, err = sqldb.Open(ctx, c.Database); err != nil {
		return err
	}
	defer func() { _ = a.db.Close() }()
	a.store = sqlstore.New(a.db)
	if args[0] == "list" && len(args) == 1 {
		return a.listKeys(ctx, out)
	}
	if args[0] != "rotate" && args[0] != "emergency" {
		return usage
	}
	kek, err := a.sealKey()
	if err != nil {
		return err
	}
	ring, err := a.signing(ctx, kek)
	if ring == nil || (err != nil && args[0] != "emergency") {
		return err
	}
	what := append(args[1:], "")[0]
	if args[0] == "rotate" {
		return a.rotateKeys(ctx, ring, jose.SignatureAlgorithm(what), out)
	}
	if err := emergency(ctx, ring, what, out); err != nil {
		return fmt.Errorf("keys: emergency %q: %w", what, err)
	}
	return a.listKeys(ctx, out)
}

// followed is when every process has read again which keys there are.
const followed = 20 * time.Second

// emergency withdraws keys, and destroys those of a token when nobody signs with them any more.
func emergency(ctx context.Context, ring *signing.Ring, what string, out io.Writer) error {
	gone, err := ring.Withdraw(ctx, what)
	for _, k := range gone {
		fmt.Fprintf(out, "withdrawn: %s %s\n", k.Algorithm, k.KID)
	}
	if err != nil {
		return err
	}
	if slices.ContainsFunc(gone, func(k signing.Key) bool { return k.Keeper == signing.InToken }) {
		fmt.Fprintf(out, "in %v, when every process signs with new keys, they are destroyed in the token; do not interrupt\n", followed)
		select {
		case <-time.After(followed):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ring.Destroy(gone)
}

// signing makes the ring of signing keys. It is given also where keys do not open, with the error.
func (a *app) signing(ctx context.Context, kek []byte) (*signing.Ring, error) {
	c := signing.Config{Store: a.store, KEK: kek, Now: a.now, Random: rand.Reader}
	if a.PKCS11.Module != "" {
		token, err := pkcs11.Open(a.PKCS11)
		if err != nil {
			return nil, err
		}
		c.Token = token
	}
	if a.clients != nil {
		c.Needed = a.clients.Signing
	}
	return signing.New(ctx, c)
}

// rotateKeys makes the next key of one algorithm, or of every one that has keys.
func (a *app) rotateKeys(ctx context.Context, ring *signing.Ring, alg jose.SignatureAlgorithm, out io.Writer) error {
	all, err := a.store.Keys(ctx)
	if err != nil {
		return err
	}
	for _, each := range client.Algorithms {
		has := slices.ContainsFunc(all, func(k signing.Key) bool { return k.Algorithm == each })
		if alg != each && (alg != "" || !has) {
			continue
		}
		next, made, err := ring.Rotate(ctx, each)
		if err != nil {
			return fmt.Errorf("keys: rotate %s: %w", each, err)
		}
		word := map[bool]string{true: "made", false: "waits already"}[made]
		fmt.Fprintf(out, "%s %s %s, signs from %s\n", each, next.KID, word, next.ActiveFrom.Format(time.RFC3339))
	}
	if alg != "" && !slices.Contains(client.Algorithms, alg) {
		return fmt.Errorf("keys: rotate %q: algorithms are %v", alg, client.Algorithms)
	}
	return nil
}

// listKeys shows every key, what it is now, and until when.
func (a *app) listKeys(ctx context.Context, out io.Writer) error {
	all, err := a.store.Keys(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KID\tALGORITHM\tSTATE\tSIGNS FROM\tSTATE UNTIL\tLIES IN")
	for _, e := range signing.List(all, a.now()) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", e.KID, e.Algorithm, e.State, e.ActiveFrom.Format(time.RFC3339), e.Until.Format(time.RFC3339), e.Keeper)
	}
	return w.Flush()
}
