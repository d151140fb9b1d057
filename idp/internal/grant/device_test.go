package grant_test

import (
	"errors"
	"testing"

	"eulogin.example/idp/internal/grant"
)

// Two windows of the person decide at once, after both were shown the question: the first answer stands.
func TestADeviceIsDecidedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		device, user, err := w.AskDevice(t.Context(), grant.Device{Client: "tv"})
		must(t, err)
		d, err := w.DeviceByUserCode(t.Context(), user)
		must(t, err)
		must(t, w.DecideDevice(t.Context(), d.ID, nil))
		if err := w.DecideDevice(t.Context(), d.ID, &approval); !errors.Is(err, grant.ErrUserCode) {
			t.Errorf("decided again: %v", err)
		}
		if _, err := w.PollDevice(t.Context(), device, "tv"); !errors.Is(err, grant.ErrDenied) {
			t.Errorf("the denial did not stand: %v", err)
		}
	})
}
