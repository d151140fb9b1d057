package storetest

import (
	"errors"
	"testing"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

func TestWhereADeviceIsWoken(t *testing.T) {
	devices(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Devices, _ *resets) {
		if err := s.Activate(t.Context(), device(t, "d", at), rec); err != nil {
			t.Fatal(err)
		}
		kept := func() string {
			d, err := s.Device(t.Context(), "d")
			if err != nil {
				t.Fatal(err)
			}
			return string(d.Target)
		}
		one, two := []byte{0, 1, 255}, []byte("two")
		for _, c := range []struct {
			id          string
			set, before []byte
			err         error
			want        string
		}{
			{"none", one, nil, phone.ErrDeviceUnknown, ""},
			{"d", one, nil, nil, string(one)},
			{"d", nil, two, phone.ErrDeviceUnknown, string(one)}, // not the one that is there
			{"d", two, nil, nil, "two"},
			{"d", nil, two, nil, ""},
			{"d", one, nil, nil, string(one)},
		} {
			if err := s.SetTarget(t.Context(), c.id, c.set, c.before); !errors.Is(err, c.err) || kept() != c.want {
				t.Errorf("%+v: %v, kept %q", c, err, kept())
			}
		}
		before := count(t, db, "outbox")
		if err := s.QueueWakes(t.Context(), at, []phone.Wake{{Device: "d", Until: at}, {Device: "e", Until: at}}); err != nil || count(t, db, "outbox") != before+2 {
			t.Errorf("%v, %d in the outbox", err, count(t, db, "outbox"))
		}
		if _, err := s.Disable(t.Context(), "d", rec); err != nil {
			t.Fatal(err)
		}
		if err := s.SetTarget(t.Context(), "d", two, nil); !errors.Is(err, phone.ErrDeviceUnknown) {
			t.Errorf("a disabled device: %v", err)
		}
	})
}
