package client

import (
	"slices"
	"testing"
)

// ADR 0022: PKCE may be left out by web services that authenticate, and by no others.
func TestWhoMayLeavePKCE(t *testing.T) {
	for name, tt := range map[string]struct {
		changes map[string]any
		want    []string
	}{
		"a web service":          {nil, nil},
		"one that pushes":        {map[string]any{"require_pushed_authorization_requests": true}, nil},
		"a public one":           {map[string]any{"token_endpoint_auth_method": "none", "jwks": nil}, []string{"require_pkce"}},
		"a native one":           {map[string]any{"application_type": "native"}, []string{"require_pkce"}},
		"one under FAPI 2.0":     {map[string]any{"profile": FAPI2, "require_pushed_authorization_requests": true, "dpop_bound_access_tokens": true}, []string{"require_pkce"}},
		"one that is tested":     {map[string]any{"integration_check": true}, []string{"require_pkce"}},
		"all, where it is there": {map[string]any{"require_pkce": true, "application_type": "native"}, nil},
	} {
		changes := map[string]any{"profile": nil, "require_pushed_authorization_requests": nil, "dpop_bound_access_tokens": nil, "require_pkce": false}
		for member, v := range tt.changes {
			changes[member] = v
		}
		if got := broken(t, changes, false); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// CIBA Core §4: how a service hears of an answer goes with the grant, and the address with ping.
func TestMetadataOfBackchannelRequests(t *testing.T) {
	const mode, address = "backchannel_token_delivery_mode", "backchannel_client_notification_endpoint"
	with := func(changes map[string]any) map[string]any {
		all := map[string]any{"grant_types": []string{"authorization_code", CIBA}}
		for member, v := range changes {
			all[member] = v
		}
		return all
	}
	for name, tt := range map[string]struct {
		changes map[string]any
		want    []string
	}{
		"poll":                    {with(map[string]any{mode: DeliverPoll}), nil},
		"ping":                    {with(map[string]any{mode: DeliverPing, address: "https://rp.example/ping"}), nil},
		"push":                    {with(map[string]any{mode: "push"}), []string{mode}},
		"no mode":                 {with(nil), []string{mode}},
		"a mode alone":            {map[string]any{mode: DeliverPoll}, []string{mode}},
		"ping to nowhere":         {with(map[string]any{mode: DeliverPing}), []string{address}},
		"an address for poll":     {with(map[string]any{mode: DeliverPoll, address: "https://rp.example/ping"}), []string{address}},
		"ping in clear":           {with(map[string]any{mode: DeliverPing, address: "http://rp.example/ping"}), []string{address}},
		"one without any key":     {with(map[string]any{mode: DeliverPoll, "profile": nil, "token_endpoint_auth_method": "none", "jwks": nil}), []string{"token_endpoint_auth_method"}},
		"one with a certificate":  {with(map[string]any{mode: DeliverPoll, "token_endpoint_auth_method": "tls_client_auth", "jwks": nil, "tls_client_auth_san_dns": "rp.example"}), nil},
		"an address without ping": {map[string]any{address: "https://rp.example/ping"}, []string{address}},
	} {
		if got := broken(t, tt.changes, false); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
