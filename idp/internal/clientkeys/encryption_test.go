package clientkeys

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A key for encryption is read once, and again when it is old; who cannot wait gets what is known, and
// the key the next time.
func TestKeysForEncryptionAtAnAddress(t *testing.T) {
	h := newHouse(t)
	raw, err := json.Marshal(map[string]any{"keys": []any{
		map[string]string{"kty": "EC", "crv": "P-256", "kid": "e1", "use": "enc", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	slow := make(chan struct{})
	h.says(func(w http.ResponseWriter) { <-slow; _, _ = w.Write(raw) })
	c := h.party()
	if _, has := h.EncryptingAtOnce(c, jose.ECDH_ES).EncryptionKey(jose.ECDH_ES); has {
		t.Fatal("a key before it was read")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, has := h.Encrypting(gone, c, jose.ECDH_ES).EncryptionKey(jose.ECDH_ES); has {
		t.Fatal("a key before it was read")
	}
	close(slow)
	if k, has := h.Encrypting(t.Context(), c, jose.ECDH_ES).EncryptionKey(jose.ECDH_ES); !has || k.KeyID != "e1" {
		t.Fatal("no key after waiting")
	}
	for range 10 {
		if _, has := h.EncryptingAtOnce(c, jose.ECDH_ES).EncryptionKey(jose.ECDH_ES); !has {
			t.Fatal("no key at once")
		}
	}
	if h.asked.Load() != 1 {
		t.Errorf("the address was asked %d times", h.asked.Load())
	}
	h.pass(Fresh)
	if _, has := h.Encrypting(t.Context(), c, jose.ECDH_ES).EncryptionKey(jose.ECDH_ES); !has || h.asked.Load() != 2 {
		t.Errorf("an old key: the address was asked %d times", h.asked.Load())
	}
	h.pass(Kept + time.Second)
	h.says(func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) })
	if _, has := h.Encrypting(t.Context(), c, jose.ECDH_ES).EncryptionKey(jose.ECDH_ES); has {
		t.Error("a key that is a day old")
	}
}
