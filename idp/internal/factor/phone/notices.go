package phone

import (
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/notify"
)

func (s *Service) added(d Device, p notify.Person) Record {
	return s.record(audit.DeviceAdded(d.Account, d.ID, d.Key.Thumbprint()), notify.DeviceAdded(p, d.Name, s.now(), s.devicesURL()))
}

func (s *Service) removed(d Device, p notify.Person, where string) Record {
	return s.record(audit.DeviceRemoved(d.Account, d.ID, where), notify.DeviceRemoved(p, d.Name, s.now(), s.devicesURL()))
}

func (s *Service) disabled(d Device, p notify.Person) Record {
	return s.record(audit.DeviceDisabled(d.Account, d.ID), notify.DeviceDisabled(p, d.Name, s.now(), s.devicesURL()))
}

func (s *Service) notMe(d Device, push Push, p notify.Person) Record {
	return s.record(audit.SignInReported(d.Account, d.ID, push.Client, push.Browser, push.Address),
		notify.SignInRefused(p, push.Client, s.now(), s.issuer+"/password/lost"))
}

func (s *Service) record(e audit.Event, m notify.Message) Record {
	return Record{At: s.now(), Events: []audit.Event{e}, Notices: []notify.Message{m}}
}

func (s *Service) devicesURL() string { return s.issuer + "/account/devices" }
