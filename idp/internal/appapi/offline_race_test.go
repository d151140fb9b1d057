package appapi_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

func TestOfAHundredWithOneOfflineCodeOneWins(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		clock := accounttest.NewClock()
		w := phonetest.With(t, db, kv.NewEmbedded(db, clock.Now), clock)
		anna := w.Anna(t)
		l := w.Initialise(t, anna, "phone")
		q, c := asked(t, w, anna)
		code := shows(t, w, l, c, phonetest.PIN)
		if won := race(t, 100, func() error {
			_, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, code)
			return err
		}); won != 1 {
			t.Errorf("%d winners", won)
		}
		if d, err := w.Phone.ByID(t.Context(), l.DeviceID); err != nil || d.Status != phone.Active {
			t.Errorf("the phone afterwards: %s %v", d.Status, err)
		}
	}, sqlstore.Migrations())
}

// Parallel guesses of the PIN in different questions count like guesses in a row.
func TestParallelWrongPINsOfAnOfflinePhoneCountEach(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	var codes []string
	var ids []string
	for i := range 8 {
		q, c := asked(t, w, anna)
		for range 3 {
			ids, codes = append(ids, q.ID), append(codes, shows(t, w, l, c, fmt.Sprintf("66%02d", i)))
		}
	}
	var n atomic.Int64
	race(t, len(ids), func() error {
		i := n.Add(1) - 1
		_, err := w.Phone.AnswerQR(t.Context(), ids[i], anna.ID, codes[i])
		return err
	})
	if d, err := w.Phone.ByID(t.Context(), l.DeviceID); err != nil || d.Status != phone.Disabled || d.PINFailures != phone.PINTries {
		t.Errorf("%+v %v", d, err)
	}
}
