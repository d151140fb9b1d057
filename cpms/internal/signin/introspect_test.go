package signin

import (
	"encoding/json"
	"errors"
	"testing"

	"eulogin.example/proto/kit/bearer"
)

func TestWhichTokensAreBearerTokens(t *testing.T) {
	for name, tt := range map[string]struct {
		raw  string
		good bool
	}{
		"good":                 {`{"active": true, "iss": "https://idp.example", "sub": "n00anna", "scope": "openid email", "acr": "x", "auth_time": 5}`, true},
		"inactive":             {`{"active": false, "iss": "https://idp.example", "sub": "n00anna"}`, false},
		"of another issuer":    {`{"active": true, "iss": "https://other.example", "sub": "n00anna"}`, false},
		"of nobody we know":    {`{"active": true, "sub": "n00anna"}`, false},
		"bound to a key":       {`{"active": true, "iss": "https://idp.example", "sub": "n00anna", "token_type": "DPoP", "cnf": {"jkt": "x"}}`, false},
		"bound to certificate": {`{"active": true, "iss": "https://idp.example", "sub": "n00anna", "cnf": {"x5t#S256": "x"}}`, false},
		"nothing":              {`{}`, false},
	} {
		var a introspected
		if err := json.Unmarshal([]byte(tt.raw), &a); err != nil {
			t.Fatal(err)
		}
		got, err := a.token(issuer)
		if (err == nil) != tt.good || err != nil && !errors.Is(err, bearer.ErrInvalid) || tt.good && (got.Subject != "n00anna" || len(got.Scopes) != 2 || got.AuthTime.Unix() != 5) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}
