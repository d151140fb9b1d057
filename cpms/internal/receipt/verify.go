package receipt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// KeysPath is where a service publishes the keys that its receipts are checked with.
const KeysPath = "/.well-known/cpms-receipt-keys"

// limit is the longest receipt that is looked at, in bytes.
const limit = 16 << 10

// Verify checks a receipt against a published key set, without asking anybody: the
// algorithm, the type, the key, the signature, and that the text is the canonical one.
func Verify(token string, jwks []byte) (Receipt, error) {
	token = strings.TrimSpace(token)
	if len(token) > limit {
		return Receipt{}, errors.New("receipt: too long")
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(jwks, &set); err != nil {
		return Receipt{}, fmt.Errorf("receipt: the key set is none: %w", err)
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	header := jws.Signatures[0].Protected
	if typ, _ := header.ExtraHeaders[jose.HeaderType].(string); typ != Type {
		return Receipt{}, fmt.Errorf("receipt: a token of type %q is none", typ)
	}
	keys := set.Key(header.KeyID)
	if len(keys) != 1 {
		return Receipt{}, fmt.Errorf("receipt: key %q is not in the key set", header.KeyID)
	}
	payload, err := jws.Verify(keys[0])
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	return parse(payload)
}

// parse reads what was signed, in its one form.
func parse(payload []byte) (r Receipt, err error) {
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	if same, err := r.canonical(); err != nil || !bytes.Equal(same, payload) {
		return Receipt{}, errors.New("receipt: not in its canonical form")
	}
	return r, nil
}
