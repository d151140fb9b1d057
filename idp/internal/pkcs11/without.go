//go:build !cgo

package pkcs11

import (
	"errors"

	"eulogin.example/idp/internal/signing"
)

// Open says that this binary cannot.
func Open(Config) (signing.Keeper, error) {
	return nil, errors.New("pkcs11: this binary was built without cgo: use that of make build-pkcs11")
}
