package provider

import (
	"bytes"
	"net/http"
	"time"

	"eulogin.example/idp/internal/ident"
)

// document is what everybody may read and keep for five minutes: the metadata and the key set. Its
// tag changes with every byte of it.
type document struct {
	raw []byte
	tag string
}

func newDocument(raw []byte) document { return document{raw, ident.Digest(string(raw))} }

// serve answers with the document, or with 304 to those who have it already (RFC 9110 §13.1.2). It is
// application/json also where a narrower type is registered (application/jwk-set+json, RFC 7517
// §8.5.1): that one is optional, and there are clients that refuse what they do not expect.
func (d document) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Content-Type", "application/json")
	h.Set("ETag", `"`+d.tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.raw))
}
