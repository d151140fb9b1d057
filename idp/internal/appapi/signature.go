package appapi

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"eulogin.example/proto/kit/fault"
)

// The one profile of HTTP message signatures (RFC 9421) that phones use. Label, components,
// their order and the parameters are fixed, so that there is one way to say a thing.
const (
	sigLabel      = "app"
	sigComponents = `("@method" "@target-uri" "content-digest")`
	sigTag        = "eulogin-app/1"
	maxKeyID      = 64
)

// ErrUnsigned says that a signature header is missing, malformed or wrong.
var ErrUnsigned = fault.New(fault.Unauthenticated, "phone.signature_invalid")

// signature is what the headers of a signed message say.
type signature struct {
	Created time.Time
	Nonce   string // 22 to 43 characters of base64url
	KeyID   string // the device's id, or the key's thumbprint while enrolling
	Digest  string // the Content-Digest header
	Params  string // the signature's parameters as they are signed
	Value   []byte // r and s
}

// readSignature takes the three headers apart: Content-Digest, Signature-Input, Signature.
// Each must be there exactly once and be spelled exactly as the profile says.
func readSignature(h http.Header) (signature, error) {
	digest, ok1 := only(h, "Content-Digest")
	input, ok2 := only(h, "Signature-Input")
	value, ok3 := only(h, "Signature")
	if !ok1 || !ok2 || !ok3 {
		return signature{}, ErrUnsigned
	}
	sig, err := readParams(input)
	if err != nil {
		return signature{}, err
	}
	value, ok := strings.CutPrefix(value, sigLabel+"=:")
	value, ok4 := strings.CutSuffix(value, ":")
	sig.Value, err = base64.StdEncoding.Strict().DecodeString(value)
	if !ok || !ok4 || err != nil || len(sig.Value) != 64 || len(value) != 88 {
		return signature{}, ErrUnsigned
	}
	sig.Digest = digest
	return sig, nil
}

// readParams reads Signature-Input. What it understood is written out again and compared:
// any other spelling is refused.
func readParams(input string) (signature, error) {
	rest, ok := strings.CutPrefix(input, sigLabel+"="+sigComponents+";created=")
	if !ok || len(input) > 400 {
		return signature{}, ErrUnsigned
	}
	created, rest, _ := strings.Cut(rest, `;nonce="`)
	nonce, rest, _ := strings.Cut(rest, `";keyid="`)
	keyID, _, _ := strings.Cut(rest, `"`)
	seconds, err := strconv.ParseInt(created, 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 || len(nonce) < 22 || len(nonce) > 43 || !urlSafe(nonce) ||
		keyID == "" || len(keyID) > maxKeyID || !urlSafe(keyID) {
		return signature{}, ErrUnsigned
	}
	sig := signature{Created: time.Unix(seconds, 0), Nonce: nonce, KeyID: keyID}
	sig.Params = fmt.Sprintf(`%s;created=%d;nonce="%s";keyid="%s";tag="%s"`, sigComponents, seconds, nonce, keyID, sigTag)
	if input != sigLabel+"="+sig.Params {
		return signature{}, ErrUnsigned
	}
	return sig, nil
}

// base is the text that is signed (RFC 9421 §2.5).
func (s signature) base(method, target string) []byte {
	return []byte(`"@method": ` + method + "\n" +
		`"@target-uri": ` + target + "\n" +
		`"content-digest": ` + s.Digest + "\n" +
		`"@signature-params": ` + s.Params)
}

// covers reports whether the Content-Digest header (RFC 9530, sha-256) is this body's.
func (s signature) covers(body []byte) bool {
	sum := sha256.Sum256(body)
	return s.Digest == "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":"
}

func only(h http.Header, name string) (string, bool) {
	v := h.Values(name)
	if len(v) != 1 {
		return "", false
	}
	return v[0], true
}

func urlSafe(s string) bool {
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return false
		}
	}
	return true
}
