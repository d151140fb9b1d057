package app

import (
	"strings"
	"testing"
)

// production are settings with which the production profile starts.
var production = map[string]string{
	"IDP_PROFILE": "production", "IDP_ISSUER": "https://login.example", "IDP_SMTP_URL": "smtp://mail.example:587", "IDP_MAIL_FROM": "a@login.example",
	"IDP_PRODUCT_NAME": "Example Login", "IDP_KEY_ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	"IDP_TLS_CERT": "cert", "IDP_TLS_KEY": "key", "IDP_TLS_CA": "ca",
}

// Text messages are a verification method in development, and in production only where the
// operator says so and has a gateway (domain.md row 10).
func TestTextMessagesAreTheOperatorsChoice(t *testing.T) {
	for name, c := range map[string]struct {
		set   map[string]string
		on    bool
		fault string
	}{
		"development":                   {nil, true, ""},
		"development, off":              {map[string]string{"IDP_SMS_METHOD": "off"}, false, ""},
		"production":                    {production, false, ""},
		"production, on":                {with(production, "IDP_SMS_METHOD", "on", "IDP_SMS_GATEWAY_URL", "https://sms.example/send"), true, ""},
		"production, on, no gateway":    {with(production, "IDP_SMS_METHOD", "on"), true, "SMS_GATEWAY_URL"},
		"production, gateway, not told": {with(production, "IDP_SMS_GATEWAY_URL", "https://sms.example/send"), false, ""},
		"a word that is neither":        {map[string]string{"IDP_SMS_METHOD": "maybe"}, false, "SMS_METHOD"},
	} {
		got, err := ReadConfig(func(k string) string { return c.set[k] }, nil)
		if got.SMSMethod != c.on && c.fault == "" {
			t.Errorf("%s: on is %v", name, got.SMSMethod)
		}
		if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func with(base map[string]string, pairs ...string) map[string]string {
	out := map[string]string{}
	for k, v := range base {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}
