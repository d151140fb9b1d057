package pairwise

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
)

// Subjects names persons and sessions to clients. Those of public clients need no secret: nil serves them.
type Subjects struct{ secret []byte }

// prefix tells a pairwise sub from an account id and from a client_id (RFC 9068 §5).
const prefix = "p00"

// letters are those of account ids: nothing in a sub is upper case, and nothing looks like something else.
var letters = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Subject gives the sub of an account for a client.
func (s *Subjects) Subject(c *client.Client, id ident.AccountID) string {
	if !c.Pairwise() {
		return string(id)
	}
	return s.seal(c.Sector(), id)
}

// Account gives the account that a client knows by a sub; "" when the client never had that sub.
func (s *Subjects) Account(c *client.Client, sub string) ident.AccountID {
	if !c.Pairwise() {
		if strings.HasPrefix(sub, prefix) {
			return ""
		}
		return ident.AccountID(sub)
	}
	text, ok := strings.CutPrefix(sub, prefix)
	raw, err := letters.DecodeString(text)
	if !ok || err != nil || len(raw) <= tagSize {
		return ""
	}
	id := ident.AccountID(s.keys(c.Sector()).crypt([tagSize]byte(raw), raw[tagSize:]))
	if !ident.Same(s.seal(c.Sector(), id), sub) {
		return ""
	}
	return id
}

// Session gives the sid of a session for a client. One sid for all would join what the subs keep apart.
func (s *Subjects) Session(c *client.Client, sid string) string {
	if !c.Pairwise() || sid == "" {
		return sid
	}
	tag := s.keys(c.Sector()).tag("sid " + sid)
	return letters.EncodeToString(tag[:])
}

// seal encrypts an account so that the same one always comes out the same: the tag of the text is the
// counter that it is encrypted with, and what proves it later (the construction of RFC 5297).
func (s *Subjects) seal(sector string, id ident.AccountID) string {
	k := s.keys(sector)
	tag := k.tag("sub " + string(id))
	return prefix + letters.EncodeToString(append(tag[:], k.crypt(tag, []byte(id))...))
}

// tagSize is the size of a tag, in bytes: that of a counter of AES.
const tagSize = aes.BlockSize

// keys are those of one sector.
type keys struct{ mac, enc []byte }

// keys derives them (RFC 5869); one key tells nothing of the others, nor of the secret.
func (s *Subjects) keys(sector string) keys {
	both, err := hkdf.Key(sha256.New, s.secret, nil, "sector "+sector, 64)
	if err != nil {
		panic(err) // 64 bytes are never too many
	}
	return keys{both[:32], both[32:]}
}

func (k keys) tag(text string) (tag [tagSize]byte) {
	mac := hmac.New(sha256.New, k.mac)
	mac.Write([]byte(text))
	copy(tag[:], mac.Sum(nil))
	return tag
}

// crypt encrypts, and decrypts again.
func (k keys) crypt(tag [tagSize]byte, text []byte) []byte {
	block, err := aes.NewCipher(k.enc)
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	out := make([]byte, len(text))
	cipher.NewCTR(block, tag[:]).XORKeyStream(out, text)
	return out
}
