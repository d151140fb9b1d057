package webpush_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"eulogin.example/idp/internal/phoneclient"
)

// pushService is one of the test's own, together with the browser that subscribed there: it
// checks who calls, and decrypts.
type pushService struct {
	*httptest.Server
	t       testing.TB
	key     *ecdh.PrivateKey
	auth    []byte
	mu      sync.Mutex
	status  int // what it answers
	headers []http.Header
	heard   []string
}

func newPushService(t testing.TB) *pushService {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &pushService{t: t, key: key, auth: make([]byte, 16), status: http.StatusCreated}
	_, _ = rand.Read(s.auth)
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *pushService) target() *phoneclient.Target {
	enc := base64.RawURLEncoding.EncodeToString
	return &phoneclient.Target{Endpoint: s.URL + "/send/secret-capability", P256dh: enc(s.key.PublicKey().Bytes()), Auth: enc(s.auth)}
}

func (s *pushService) answers(status int) { s.mu.Lock(); s.status = status; s.mu.Unlock() }

func (s *pushService) calls() ([]http.Header, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.headers, s.heard
}

func (s *pushService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.headers, s.heard = append(s.headers, r.Header), append(s.heard, s.open(body))
	w.WriteHeader(s.status)
}

// open decrypts as a browser does (RFC 8188 §2, RFC 8291 §3.4).
func (s *pushService) open(body []byte) string {
	if len(body) < 86 || body[20] != 65 {
		s.t.Errorf("a message of %d bytes", len(body))
		return ""
	}
	salt, public := body[:16], body[21:86]
	sender, err := ecdh.P256().NewPublicKey(public)
	if err != nil {
		s.t.Error(err)
		return ""
	}
	shared, _ := s.key.ECDH(sender)
	ikm, _ := hkdf.Key(sha256.New, shared, s.auth, "WebPush: info\x00"+string(s.key.PublicKey().Bytes())+string(public), 32)
	key, _ := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, _ := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	block, _ := aes.NewCipher(key)
	box, _ := cipher.NewGCM(block)
	plain, err := box.Open(nil, nonce, body[86:], nil)
	if err != nil || len(plain) == 0 || plain[len(plain)-1] != 2 {
		s.t.Errorf("not decrypted: %v", err)
		return ""
	}
	return string(plain[:len(plain)-1])
}

// identified checks the header by which a push service knows the operator, and gives its claims.
func identified(t testing.TB, header, key string) map[string]any {
	t.Helper()
	rest, ok := strings.CutPrefix(header, "vapid t=")
	token, named, _ := strings.Cut(rest, ", k=")
	parts := strings.Split(token, ".")
	if !ok || named != key || len(parts) != 3 {
		t.Fatalf("Authorization %q", header)
	}
	point, _ := base64.RawURLEncoding.DecodeString(named)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		t.Fatal(err)
	}
	signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if len(signature) != 64 || !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the token's signature does not fit")
	}
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}
