package totp

import (
	"encoding/base32"
	"net/url"
	"strconv"
	"strings"
	"time"

	"eulogin.example/idp/internal/ident"
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// URI gives what the QR code says: the otpauth address of an authenticator ("Key Uri Format"
// of google-authenticator's wiki, which all apps follow). issuer is the name of this service
// and account what tells apart several accounts in one app.
func URI(issuer, account string, seed []byte) string {
	issuer = strings.ReplaceAll(issuer, ":", " ")
	account = strings.ReplaceAll(account, ":", " ")
	query := "secret=" + base32Plain.EncodeToString(seed) + "&issuer=" + escape(issuer) +
		"&algorithm=SHA1&digits=" + strconv.Itoa(Digits) + "&period=" + strconv.Itoa(int(Period/time.Second))
	return "otpauth://totp/" + escape(issuer) + ":" + escape(account) + "?" + query
}

// escape is percent-encoding without "+" for blanks, which apps show as plus signs.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// Typed gives the seed as people type it who cannot scan: base32 in groups of four.
func Typed(seed []byte) string {
	return strings.ReplaceAll(ident.Grouped(base32Plain.EncodeToString(seed), 4), "-", " ")
}
