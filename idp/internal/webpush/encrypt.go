package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"

	"eulogin.example/idp/internal/factor/phone"
)

const (
	saltSize   = 16
	authSize   = 16
	recordSize = 4096 // of which a message uses one
)

// receiver is a subscription's key material.
type receiver struct {
	public *ecdh.PublicKey
	auth   []byte
}

func readReceiver(t phone.PushTarget) (receiver, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(t.P256dh)
	if err != nil {
		return receiver{}, err
	}
	public, err := ecdh.P256().NewPublicKey(raw)
	if err != nil {
		return receiver{}, err
	}
	auth, err := base64.RawURLEncoding.Strict().DecodeString(t.Auth)
	if err == nil && len(auth) != authSize {
		err = fmt.Errorf("webpush: an authentication secret of %d bytes", len(auth))
	}
	return receiver{public, auth}, err
}

// encrypt makes one record of aes128gcm (RFC 8188) for a receiver, with a key and a salt that
// are used once (RFC 8291 §3.4).
func encrypt(to receiver, plain []byte, ephemeral *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	shared, err := ephemeral.ECDH(to.public)
	if err != nil {
		return nil, err
	}
	own := ephemeral.PublicKey().Bytes()
	info := "WebPush: info\x00" + string(to.public.Bytes()) + string(own)
	ikm, err := hkdf.Key(sha256.New, shared, to.auth, info, sha256.Size)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	head := binary.BigEndian.AppendUint32(append([]byte{}, salt...), recordSize)
	head = append(append(head, byte(len(own))), own...)
	return seal.Seal(head, nonce, append(append([]byte{}, plain...), 2), nil), nil // 2 ends the last record
}

// seal encrypts with a fresh key and salt.
func seal(random io.Reader, to receiver, plain []byte) ([]byte, error) {
	ephemeral, err := ecdh.P256().GenerateKey(random)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, err
	}
	return encrypt(to, plain, ephemeral, salt)
}
