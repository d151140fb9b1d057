package assurance

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
)

// Deadline is how long idp may take.
const Deadline = time.Second

// ErrUnavailable says that idp does not answer; nothing was submitted and the draft is kept.
var ErrUnavailable = fault.New(fault.Unavailable, "assurance.unavailable")

// Client asks idp each time.
type Client struct{ Accounts idpv1.AccountsClient }

// Get asks about one person, for at most Deadline. Somebody whom idp does not know is not
// active; any other failure is ErrUnavailable.
func (c Client) Get(ctx context.Context, p person.Person) (access.Known, error) {
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	r, err := c.Accounts.GetAssurance(ctx, &idpv1.GetAssuranceRequest{Subject: p.Subject})
	if fault.KindOf(err) == fault.NotFound {
		return access.Known{}, nil // no such account: not active
	}
	if err != nil {
		return access.Known{}, ErrUnavailable.Because(err)
	}
	return access.Known{
		Active: r.GetStatus() == idpv1.AccountStatus_ACCOUNT_STATUS_ACTIVE, Level: int(r.GetAssuranceLevel()),
		SecondFactor: r.GetHighestLevel() >= idpv1.Level_LEVEL_MEDIUM,
	}, nil
}
