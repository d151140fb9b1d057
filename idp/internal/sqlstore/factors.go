package sqlstore

import (
	"context"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/proto/kit/sqldb"
)

// recordFactor writes what goes with a change of factors inside the change's transaction.
func recordFactor(ctx context.Context, tx sqldb.Querier, rec factor.Record) error {
	return record(ctx, tx, rec.At, rec.Events, rec.Notices)
}
