package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

func TestBiometricsOfADevice(t *testing.T) {
	devices(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Devices, _ *resets) {
		if err := s.Activate(t.Context(), device(t, "d", at), rec); err != nil {
			t.Fatal(err)
		}
		if n, err := s.ReserveBiometrics(t.Context(), "d", 5); n != 0 || err != nil {
			t.Errorf("switched off: %d %v", n, err)
		}
		want := phone.Biometrics{ID: []byte{0, 1, 255}, Key: []byte("key"), Backup: true, Counter: 7}
		if err := s.SetBiometrics(t.Context(), "d", want, rec); err != nil {
			t.Fatal(err)
		}
		if err := s.SetBiometrics(t.Context(), "none", want, rec); !errors.Is(err, phone.ErrDeviceUnknown) || count(t, db, "outbox") != 2 {
			t.Errorf("an unknown device: %v", err)
		}
		got, err := s.Device(t.Context(), "d")
		if err != nil || string(got.Bio.ID) != string(want.ID) || string(got.Bio.Key) != "key" || !got.Bio.Backup || got.Bio.Counter != 7 || got.Bio.Failures != 0 {
			t.Errorf("came back as %+v, %v", got.Bio, err)
		}
		var taken atomic.Int64
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if n, err := s.ReserveBiometrics(t.Context(), "d", 5); err == nil && n > 0 {
					taken.Add(1)
				}
			})
		}
		if all.Wait(); taken.Load() != 5 {
			t.Errorf("%d of a hundred answers were looked at", taken.Load())
		}
		for counter, want := range map[uint32]bool{0: false, 7: false, 6: false} {
			if ok, err := s.SettleBiometrics(t.Context(), "d", counter, at); ok != want || err != nil {
				t.Errorf("counter %d: %v %v", counter, ok, err)
			}
		}
		if ok, err := s.SettleBiometrics(t.Context(), "d", 8, at); !ok || err != nil {
			t.Errorf("counter 8: %v %v", ok, err)
		}
		if n, err := s.ReserveBiometrics(t.Context(), "d", 5); n != 1 || err != nil {
			t.Errorf("a right answer forgives: %d %v", n, err)
		}
		still := want
		still.Counter = 0 // an authenticator that does not count
		if err := s.SetBiometrics(t.Context(), "d", still, rec); err != nil {
			t.Fatal(err)
		}
		if ok, err := s.SettleBiometrics(t.Context(), "d", 0, at); !ok || err != nil {
			t.Errorf("no counter: %v %v", ok, err)
		}
	})
}
