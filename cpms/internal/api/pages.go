package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"google.golang.org/grpc"

	"eulogin.example/proto/kit/bearer"
	"eulogin.example/proto/kit/fault"
)

// errPage says that a page token is not one that this person was given for this list.
var errPage = fault.New(fault.Invalid, "page.token")

// defaultPage is how much a page holds when the program does not say.
const defaultPage = 25

// pageMAC signs a place in a list for one person, method and filter, so that a token is
// neither made up nor carried to another list.
func (a *API) pageMAC(ctx context.Context, place string, filter []string) []byte {
	method, _ := grpc.Method(ctx)
	t := bearer.From(ctx)
	text, _ := json.Marshal(append([]string{t.Issuer, t.Subject, method, place}, filter...)) // texts alone: cannot fail
	mac := hmac.New(sha256.New, a.PageKey)
	mac.Write(text)
	return mac.Sum(nil)[:16]
}

// pageToken gives the token for a place in a list; "" for the end.
func (a *API) pageToken(ctx context.Context, place string, filter ...string) string {
	if place == "" {
		return ""
	}
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(place)) + "." + enc.EncodeToString(a.pageMAC(ctx, place, filter))
}

// place reads a token: "" is the beginning; errPage when it is not one of ours for this list.
func (a *API) place(ctx context.Context, token string, filter ...string) (string, error) {
	if token == "" {
		return "", nil
	}
	first, second, _ := strings.Cut(token, ".")
	place, err := base64.RawURLEncoding.DecodeString(first)
	mac, err2 := base64.RawURLEncoding.DecodeString(second)
	if err != nil || err2 != nil || !hmac.Equal(mac, a.pageMAC(ctx, string(place), filter)) {
		return "", errPage
	}
	return string(place), nil
}

// cut gives one page of a list that is at hand, and the id of its last element, "" at the end.
func cut[T any](list []T, after string, size int32, id func(T) string) (page []T, last string, err error) {
	from := 0
	if after != "" {
		from = -1
		for i, v := range list {
			if id(v) == after {
				from = i + 1
			}
		}
		if from < 0 {
			return nil, "", errPage // it is gone meanwhile: begin again
		}
	}
	if size == 0 {
		size = defaultPage
	}
	to := min(from+int(size), len(list))
	page = list[from:to]
	if to < len(list) {
		last = id(page[len(page)-1])
	}
	return page, last, nil
}
