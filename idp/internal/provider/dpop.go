package provider

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/kv"
)

// The limits of a DPoP proof (RFC 9449): its length in bytes, how old it may be, how far its client's
// clock may be ahead, and how long a nonce of ours is good.
const (
	proofLimit = 8 << 10
	proofLife  = 2 * time.Minute
	proofSkew  = 30 * time.Second
	nonceStep  = 5 * time.Minute // a nonce is good in its step and the next one
)

// proofAlgorithms are those by which a client may sign its proofs: asymmetric ones alone.
var proofAlgorithms = []jose.SignatureAlgorithm{jose.ES256, jose.PS256, jose.EdDSA}

var (
	// errProof says that a proof is not good.
	errProof = errors.New("provider: the DPoP proof is not good")
	// errNonce says that a proof needs a nonce of ours.
	errNonce = errors.New("provider: the DPoP proof needs another nonce")
)

// dpopClaims are those of RFC 9449 §4.2.
type dpopClaims struct {
	ID     string  `json:"jti"`
	Method string  `json:"htm"`
	URI    string  `json:"htu"`
	Issued float64 `json:"iat"`
	Token  string  `json:"ath"`
	Nonce  string  `json:"nonce"`
}

// readProof checks all of a proof but its nonce and whether it is new, and gives the thumbprint of its
// key (RFC 7638). token is the access token that it comes with, or "". It is pure.
func readProof(raw, method, uri, token string, now time.Time) (jkt string, c dpopClaims, err error) {
	if len(raw) > proofLimit {
		return "", c, errProof
	}
	jws, err := jose.ParseSignedCompact(raw, proofAlgorithms)
	if err != nil {
		return "", c, errProof
	}
	header := jws.Signatures[0].Header
	key := header.JSONWebKey
	if typ, _ := header.ExtraHeaders[jose.HeaderType].(string); !strings.EqualFold(typ, "dpop+jwt") || key == nil || !key.Valid() || !client.Signs(*key, jose.SignatureAlgorithm(header.Algorithm)) {
		return "", c, errProof
	}
	payload, err := jws.Verify(key)
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return "", c, errProof
	}
	if err := c.check(method, uri, token, now); err != nil {
		return "", c, err
	}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", c, errProof
	}
	return base64.RawURLEncoding.EncodeToString(sum), c, nil
}

// check holds the claims against the request (RFC 9449 §4.3). It is pure.
func (c dpopClaims) check(method, uri, token string, now time.Time) error {
	iat := moment(c.Issued)
	ath := ""
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		ath = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if c.ID == "" || len(c.ID) > 256 || c.Method != method || !sameURI(c.URI, uri) || iat.After(now.Add(proofSkew)) || now.Sub(iat) > proofLife || token != "" && !ident.Same(c.Token, ath) {
		return errProof
	}
	return nil
}

// sameURI compares addresses without query and fragment, scheme and host however they are written
// (RFC 3986 §6.2.2.1).
func sameURI(told, real string) bool {
	a, err := url.Parse(told)
	b, err2 := url.Parse(real)
	if err != nil || err2 != nil || a.User != nil || a.Opaque != "" {
		return false
	}
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Host, b.Host) && a.EscapedPath() == b.EscapedPath()
}

// proofMetadata tells by which algorithms proofs may be signed (RFC 9449 §5.1).
func (s *server) proofMetadata() map[string]any {
	return map[string]any{"dpop_signing_alg_values_supported": names(proofAlgorithms)}
}

// dpopType is the type of tokens that are bound to a key, and the scheme that they come with.
const dpopType = "DPoP"

// nonce gives the nonce of a moment: its step, and a seal on that. Nothing is stored for it, and every
// process that has the key knows it again.
func (s *server) nonce(at time.Time) string {
	step := binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/int64(nonceStep.Seconds())))
	mac := hmac.New(sha256.New, s.NonceKey)
	mac.Write(step)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(step)[:8+16])
}

// fresh reports whether a nonce is ours and not too old.
func (s *server) fresh(nonce string) bool {
	now := s.Now()
	return ident.Same(nonce, s.nonce(now)) || ident.Same(nonce, s.nonce(now.Add(-nonceStep)))
}

// proved gives the thumbprint of the key that a request proves to hold, "" when it brings no proof. A
// proof is good once. Errors: errProof, errNonce, and failures of ours.
func (s *server) proved(ctx context.Context, w http.ResponseWriter, r *http.Request, token string) (string, error) {
	proofs := r.Header.Values("DPoP")
	if len(proofs) == 0 {
		return "", nil
	}
	w.Header().Set("DPoP-Nonce", s.nonce(s.Now())) // RFC 9449 §8.2: the next one
	if len(proofs) > 1 {
		return "", errProof
	}
	jkt, c, err := readProof(proofs[0], r.Method, s.base(r)+r.URL.Path, token, s.Now())
	if err != nil {
		return "", err
	}
	if !s.fresh(c.Nonce) {
		return "", errNonce
	}
	err = s.KV.Swap(ctx, "dpop:"+ident.Digest(jkt+" "+c.ID), nil, []byte("1"), proofLife+2*proofSkew)
	if errors.Is(err, kv.ErrChanged) {
		return "", errProof
	}
	return jkt, err
}

// proof is proved for the token endpoint and where requests are pushed: in the errors of OAuth.
func (s *server) proof(ctx context.Context, required bool) (string, error) {
	x := exchange(ctx)
	jkt, err := s.proved(ctx, x.w, x.r, "")
	switch {
	case errors.Is(err, errNonce):
		return "", &oidc.Error{ErrorType: "use_dpop_nonce", Description: "the proof needs the nonce of the header DPoP-Nonce"}
	case errors.Is(err, errProof):
		return "", &oidc.Error{ErrorType: "invalid_dpop_proof", Description: "the DPoP proof is not good"}
	case err != nil:
		return "", s.outage(ctx, err)
	case jkt == "" && required:
		return "", &oidc.Error{ErrorType: "invalid_dpop_proof", Description: "this client's tokens are bound to a key: a DPoP proof is needed"}
	}
	return jkt, nil
}
