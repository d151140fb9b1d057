package grant_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"eulogin.example/idp/internal/grant"
	"eulogin.example/proto/kit/kv"
)

// minted makes tokens that are JWTs in shape; who signs is not this package's.
func minted(_ context.Context, name string, a grant.Access) (string, error) {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"client_id":"`+a.Client+`","jti":"`+name+`"}`)) + "." + strings.Repeat("A", 86), nil
}

// What cannot be signed costs nothing: code and refresh token are good afterwards, and nothing was written.
func TestNothingIsUsedUpWhereNothingCanBeSigned(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		away := errors.New("the key is away")
		sign := func(ctx context.Context, name string, a grant.Access) (string, error) {
			if away != nil {
				return "", away
			}
			return minted(ctx, name, a)
		}
		w.Mint = sign
		code := w.code(t)
		c, err := w.RedeemCode(t.Context(), code, kv.Mark{})
		must(t, err)
		if _, err := w.exchange(t, code, c); !errors.Is(err, away) {
			t.Fatal(err)
		}
		must(t, w.ReturnCode(t.Context(), code, c))
		away = nil
		c, err = w.RedeemCode(t.Context(), code, kv.Mark{})
		must(t, err)
		got, err := w.exchange(t, code, c)
		must(t, err)
		away = errors.New("again")
		if _, err := w.turn(t, got.Refresh, false); !errors.Is(err, away) {
			t.Fatal(err)
		}
		away = nil
		if _, err := w.turn(t, got.Refresh, false); err != nil {
			t.Error("a refresh that could not be signed used the token up:", err)
		}
	})
}

// Security case 21, for JWTs: one that is not the given one to the last byte is none.
func FuzzMintedTokens(f *testing.F) {
	w := newWorld(f)
	w.Mint = minted
	got := w.tokens(f)
	part := strings.Split(got.Access, ".")
	for _, s := range []string{got.Access + "=", got.Access + "A", part[0] + "." + part[1] + ".", part[1] + "." + part[1] + "." + part[2], ".." + got.Access, "a.e30.b", "a." + strings.Repeat("A", 9999) + ".b", "..", got.Refresh} {
		f.Add(s)
	}
	if _, err := w.Access(f.Context(), got.Access, kv.Mark{}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := w.Access(t.Context(), token, kv.Mark{}); err == nil && token != got.Access {
			t.Fatalf("%q is an access token", token)
		}
		must(t, w.RevokeAccess(t.Context(), token[:len(token)/2], "rp"))
	})
}
