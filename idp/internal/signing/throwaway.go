package signing

import (
	"crypto"
	"fmt"
	"io"

	"github.com/go-jose/go-jose/v4"
)

// Throwaway makes a key of an algorithm that no ring knows: for tokens that nobody shall trust.
func Throwaway(random io.Reader, alg jose.SignatureAlgorithm) (crypto.Signer, error) {
	s, ok := schemes[alg]
	if !ok {
		return nil, fmt.Errorf("signing: no keys for %q", alg)
	}
	return s.make(random)
}
