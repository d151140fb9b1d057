package phone

import (
	"context"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// QuietFor is how long an account's phones get no request after "this was not me": somebody
// knows the password, and the person was warned and has other methods (domain.md row 7).
const QuietFor = 15 * time.Minute

// ErrQuiet: the person said that it was not them; RetryAfter says how long no request is sent.
var ErrQuiet = fault.New(fault.TooMany, "phone.quiet")

// silence begins the quiet time.
func (s *Service) silence(ctx context.Context, account ident.AccountID) error {
	return kv.PutJSON(ctx, s.kv, quietKey(account), s.now().Add(QuietFor), QuietFor)
}

// heeded gives ErrQuiet during the quiet time.
func (s *Service) heeded(ctx context.Context, account ident.AccountID) error {
	until, err := kv.GetJSON[time.Time](ctx, s.kv, quietKey(account))
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if left := until.Sub(s.now()); left > 0 {
		return ErrQuiet.After(left)
	}
	return nil
}

func quietKey(account ident.AccountID) string { return "pushquiet:" + string(account) }
