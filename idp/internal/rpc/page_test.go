package rpc

import (
	"encoding/base64"
	"testing"
)

// A page token is the place of a client that could be, in its one spelling, or none (security case 38).
func FuzzPageToken(f *testing.F) {
	for _, seed := range []string{"", "cnAtMQ", "cnAtMQ==", "cnAtMR", "Jzsg", "Li4vLi4", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		id, err := place(token)
		if err == nil && (base64.RawURLEncoding.EncodeToString([]byte(id)) != token || id != "" && !placeShape.MatchString(id)) {
			t.Fatalf("%q was taken for the place %q", token, id)
		}
	})
}
