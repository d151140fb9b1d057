package provider

import (
	"context"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/client"
	"eulogin.example/proto/kit/fault"
)

// errNoEncryptionKey says that the key to which a client wants its tokens encrypted cannot be had now.
// Nothing is sent in clear instead.
var errNoEncryptionKey = fault.New(fault.Unavailable, "oidc.no_encryption_key")

// encrypted gives a signed token to the client alone, where it registered so: a JWS in a JWE (RFC 7519
// §5.2, OpenID Connect Core §10.2).
func (c Config) encrypted(cl *client.Client, token string) (string, error) {
	if !cl.Encrypted() {
		return token, nil
	}
	key, ok := c.Remote.EncryptingAtOnce(cl).EncryptionKey()
	if !ok {
		return "", errNoEncryptionKey.WithArgs(cl.ID)
	}
	to := jose.Recipient{Algorithm: cl.IDTokenKeyAlg, Key: key.Key, KeyID: key.KeyID}
	encrypter, err := jose.NewEncrypter(cl.IDTokenEncryption(), to, (&jose.EncrypterOptions{}).WithContentType("JWT"))
	if err != nil {
		return "", err
	}
	jwe, err := encrypter.Encrypt([]byte(token))
	if err != nil {
		return "", err
	}
	return jwe.CompactSerialize()
}

// encryptable says whether a token of the client could be encrypted now, and reads its keys for that
// where it keeps them itself.
func (s *server) encryptable(ctx context.Context, c *client.Client) error {
	if !c.Encrypted() {
		return nil
	}
	if _, ok := s.Remote.Encrypting(ctx, c).EncryptionKey(); !ok {
		return errNoEncryptionKey.WithArgs(c.ID)
	}
	return nil
}
