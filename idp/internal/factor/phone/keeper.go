package phone

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
)

// Factor gives a device as one of its owner's verification methods.
func (d Device) Factor() factor.Factor {
	return factor.Factor{Method: policy.AppPIN, ID: d.ID, Name: d.Name, AddedAt: d.AddedAt, LastUsedAt: d.LastUsedAt, Usable: d.Status == Active}
}

// Keeper offers devices to account care.
type Keeper struct{ Store }

var _ factor.Keeper = Keeper{}

// Factors implements factor.Keeper.
func (k Keeper) Factors(ctx context.Context, id ident.AccountID) ([]factor.Factor, error) {
	devices, err := k.Devices(ctx, id)
	var out []factor.Factor
	for _, d := range devices {
		out = append(out, d.Factor())
	}
	return out, err
}

// Remove implements factor.Keeper.
func (k Keeper) Remove(ctx context.Context, id ident.AccountID, device string, rec Record) error {
	return unknownFactor(k.Store.Remove(ctx, id, device, rec))
}

// Restore implements factor.Keeper.
func (k Keeper) Restore(ctx context.Context, id ident.AccountID, device string, rec Record) error {
	return unknownFactor(k.Store.Restore(ctx, id, device, rec))
}

func unknownFactor(err error) error {
	if errors.Is(err, ErrDeviceUnknown) {
		return factor.ErrUnknown.Because(err)
	}
	return err
}
