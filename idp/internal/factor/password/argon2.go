package password

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"eulogin.example/proto/kit/fault"
)

const (
	saltBytes = 16
	keyBytes  = 32
)

// errEncoding says that a stored hash cannot be read: a defect, never a wrong password.
var errEncoding = fault.New(fault.Internal, "password.hash_encoding")

// Params are the costs of Argon2id (RFC 9106).
type Params struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// Default is OWASP's first choice: 19 MiB, two passes, one lane.
func Default() Params { return Params{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1} }

func (p Params) valid() bool {
	return p.Passes >= 1 && p.Lanes >= 1 && p.MemoryKiB >= 8*uint32(p.Lanes) && p.MemoryKiB <= 4<<20
}

// encode computes the hash of plain in the PHC string format, parameters included.
func (p Params) encode(plain string, salt []byte) string {
	key := argon2.IDKey([]byte(plain), salt, p.Passes, p.MemoryKiB, p.Lanes, keyBytes)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.MemoryKiB, p.Passes, p.Lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// match computes plain's hash with the parameters of the encoded one and compares.
func match(encoded, plain string) (bool, error) {
	p, salt, key, err := parse(encoded)
	if err != nil {
		return false, err
	}
	got := argon2.IDKey([]byte(plain), salt, p.Passes, p.MemoryKiB, p.Lanes, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}

func parse(encoded string) (p Params, salt, key []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errEncoding
	}
	n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes)
	if err != nil || n != 3 || !p.valid() {
		return p, nil, nil, errEncoding
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || len(salt) < 8 {
		return p, nil, nil, errEncoding
	}
	key, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) < 16 || len(key) > 64 {
		return p, nil, nil, errEncoding
	}
	return p, salt, key, nil
}
