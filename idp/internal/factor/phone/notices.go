package phone

import (
	"context"
	"encoding/base64"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/notify"
)

// added is the record of a new device, with the name of its key.
func (s *Service) added(ctx context.Context, d Device) (Record, error) {
	rec, err := s.journal.Added(ctx, d.Account, d.Factor())
	rec.Events = append(rec.Events, audit.DeviceAdded(d.Account, d.ID, d.Key.Thumbprint()))
	return rec, err
}

// removed is the record of a device that goes, with where that was wished.
func (s *Service) removed(ctx context.Context, d Device, where string) (Record, error) {
	rec, err := s.journal.Removed(ctx, d.Account, d.Factor())
	rec.Events = append(rec.Events, audit.DeviceRemoved(d.Account, d.ID, where))
	return rec, err
}

func (s *Service) disabled(d Device, p notify.Person) Record {
	return s.record(audit.DeviceDisabled(d.Account, d.ID), notify.DeviceDisabled(p, d.Name, s.now(), s.devicesURL()))
}

func (s *Service) newPIN(d Device, p notify.Person) Record {
	return s.record(audit.DevicePINChanged(d.Account, d.ID), notify.DevicePINChanged(p, d.Name, s.now(), s.devicesURL()))
}

func (s *Service) biometricsOn(d Device, p notify.Person) Record {
	return s.record(audit.DeviceBiometricsOn(d.Account, d.ID), notify.DeviceBiometricsOn(p, d.Name, s.now(), s.devicesURL()))
}

// biometricsOff is the record of biometrics that were switched off; why is "app" or "wrong answers".
func (s *Service) biometricsOff(d Device, p notify.Person, why string) Record {
	return s.record(audit.DeviceBiometricsOff(d.Account, d.ID, why), notify.DeviceBiometricsOff(p, d.Name, s.now(), s.devicesURL()))
}

// answered keeps what the phone signed, before it has an effect: no decision without its proof. The
// service that waits gets its word in the same transaction.
func (s *Service) answered(ctx context.Context, d Device, w *Word, at time.Time, statement, signature []byte) error {
	e := audit.SignInAnswered(d.Account, d.ID, string(statement), base64.RawURLEncoding.EncodeToString(signature))
	return s.store.Answered(ctx, Record{At: at, Events: []audit.Event{e}}, w)
}

func (s *Service) notMe(d Device, push Push, p notify.Person) Record {
	return s.record(audit.SignInReported(d.Account, d.ID, push.Client, push.Browser, push.Address),
		notify.SignInRefused(p, push.Client, s.now(), s.issuer+"/password/lost"))
}

func (s *Service) record(e audit.Event, m notify.Message) Record {
	return Record{At: s.now(), Events: []audit.Event{e}, Notices: []notify.Message{m}}
}

func (s *Service) devicesURL() string { return s.issuer + "/account/devices" }
