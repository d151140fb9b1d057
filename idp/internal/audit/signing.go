package audit

import "time"

// SigningKeyMade records a new signing key and from when it signs.
func SigningKeyMade(kid, alg string, from time.Time) Event {
	return Event{Action: "signing_key.made", Detail: map[string]string{"kid": kid, "alg": alg, "from": from.Format(time.RFC3339)}}
}

// SigningKeyWithdrawn records that an operator ended all trust in a signing key.
func SigningKeyWithdrawn(kid, alg string) Event {
	return Event{Action: "signing_key.withdrawn", Detail: map[string]string{"kid": kid, "alg": alg}}
}
