package app

import (
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"

	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/keylogin"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/sqlstore"
)

// webauthn makes the verification method of security keys and passkeys, and adds it to those
// of a sign-in.
func (a *app) webauthn(methods map[policy.Method]login.Method) error {
	roots, err := attestationRoots(a.AttestationRoots)
	if err != nil {
		return err
	}
	a.keys, err = webauthn.New(webauthn.Config{
		Issuer: a.Issuer, Product: a.Product, Roots: roots, Store: sqlstore.NewKeys(a.store, a.store), KV: a.kv, Limits: a.limits,
		People: a.devices, Journal: a.journal, Now: a.now, Rand: rand.Reader,
	})
	methods[policy.SecurityKey] = keylogin.Method{Keys: a.keys}
	return err
}

// attestationRoots reads the manufacturers that the operator trusts: every file *.pem of a
// folder. Without a folder there are none, and no attestation is asked for.
func attestationRoots(folder string) (*x509.CertPool, error) {
	if folder == "" {
		return nil, nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.pem"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("IDP_ATTESTATION_ROOTS: no file *.pem in %s", folder)
	}
	pool := x509.NewCertPool()
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("IDP_ATTESTATION_ROOTS: %w", err)
		}
		if !pool.AppendCertsFromPEM(raw) {
			return nil, fmt.Errorf("IDP_ATTESTATION_ROOTS: %s holds no certificate", f)
		}
	}
	return pool, nil
}
