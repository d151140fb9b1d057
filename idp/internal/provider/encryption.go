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
// §5.2, OpenID Connect Core §10.2, RFC 9701 §5).
func (c Config) encrypted(cl *client.Client, by client.Encryption, token string) (string, error) {
	if by.Key == "" {
		return token, nil
	}
	key, ok := c.Remote.EncryptingAtOnce(cl, by.Key).EncryptionKey(by.Key)
	if !ok {
		return "", errNoEncryptionKey.WithArgs(cl.ID)
	}
	to := jose.Recipient{Algorithm: by.Key, Key: key.Key, KeyID: key.KeyID}
	encrypter, err := jose.NewEncrypter(by.Content, to, (&jose.EncrypterOptions{}).WithContentType("JWT"))
	if err != nil {
		return "", err
	}
	jwe, err := encrypter.Encrypt([]byte(token))
	if err != nil {
		return "", err
	}
	return jwe.CompactSerialize()
}

// encryptable says whether something for the client could be encrypted now, and reads its keys for that
// where it keeps them itself.
func (s *server) encryptable(ctx context.Context, c *client.Client, by client.Encryption) error {
	if by.Key == "" {
		return nil
	}
	if _, ok := s.Remote.Encrypting(ctx, c, by.Key).EncryptionKey(by.Key); !ok {
		return errNoEncryptionKey.WithArgs(c.ID)
	}
	return nil
}
