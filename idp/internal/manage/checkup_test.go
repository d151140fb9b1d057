package manage_test

import (
	"testing"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/policy"
)

func TestCheckUp(t *testing.T) {
	type m = policy.Method
	for _, tt := range []struct {
		name   string
		have   []m
		state  manage.State
		always bool
		phr    bool
	}{
		{"nothing", nil, manage.Bare, false, false},
		{"codes alone are no factor", []m{policy.RecoveryCode}, manage.Bare, false, false},
		{"one phone", []m{policy.AppPIN}, manage.Fragile, false, false},
		{"three methods on one phone", []m{policy.AppPIN, policy.TOTP, policy.SMS}, manage.Fragile, true, false},
		{"two phones", []m{policy.AppPIN, policy.AppPIN}, manage.Safe, true, false},
		{"phone and codes", []m{policy.AppPIN, policy.RecoveryCode}, manage.Safe, true, false},
		{"one key", []m{policy.Passkey}, manage.Fragile, false, true},
		{"phone and key", []m{policy.AppPIN, policy.SecurityKey}, manage.Safe, true, true},
		{"two keys", []m{policy.Passkey, policy.HardwareKey}, manage.Safe, true, true},
	} {
		var all []factor.Factor
		for _, method := range tt.have {
			all = append(all, factor.Factor{Method: method, Usable: true})
		}
		c := manage.CheckUp(all)
		if c.State != tt.state || c.MayAlwaysRequire() != tt.always || c.Resistant != tt.phr {
			t.Errorf("%s: %+v", tt.name, c)
		}
		for i := range all {
			all[i].Usable = false
		}
		if c := manage.CheckUp(all); c.State != manage.Bare {
			t.Errorf("%s, none of them usable: %+v", tt.name, c)
		}
	}
}
