package rpc

import (
	"encoding/base64"
	"regexp"

	"eulogin.example/proto/kit/fault"
)

// errPage says that a page token is none.
var errPage = fault.New(fault.Invalid, "rpc.page_token")

// usualPage is how much a page holds when the caller does not say.
const usualPage = 50

// sized gives how much a page holds.
func sized(asked int32) int {
	if asked == 0 {
		return usualPage
	}
	return int(asked)
}

// pageAfter is the token of the page after an id.
func pageAfter(id string) string { return base64.RawURLEncoding.EncodeToString([]byte(id)) }

var placeShape = regexp.MustCompile(`^[A-Za-z0-9._-]{2,64}$`)

// place reads a page token: the id of the last client or session of the page before, "" for none. Whoever may list
// may list from anywhere, so that it needs no signature (security case 38).
func place(token string) (string, error) {
	if token == "" {
		return "", nil
	}
	id, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || !placeShape.Match(id) {
		return "", errPage
	}
	return string(id), nil
}
