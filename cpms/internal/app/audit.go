package app

import (
	"context"
	"fmt"
	"io"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

// VerifyAudit holds the audit trail against its chain and against the places that somebody
// noted before, each NUMBER:DIGEST, and prints the end of the chain for the next time. It
// only reads.
func VerifyAudit(ctx context.Context, c Config, noted []string, out io.Writer) error {
	var known []audit.Anchor
	for _, text := range noted {
		a, err := audit.ParseAnchor(text)
		if err != nil {
			return err
		}
		known = append(known, a)
	}
	db, err := sqldb.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	head, before, err := sqlstore.New(db).VerifyAudit(ctx, known)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d events are whole and in their order", head.Seq)
	if before > 0 {
		fmt.Fprintf(out, "; %d more are older than the chain", before)
	}
	fmt.Fprintf(out, ".\nNote this, and give it to the next check: %s\n", head)
	return nil
}
