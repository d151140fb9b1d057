// Package receipt gives out the signed receipts of decisions, and the keys to check them with.
package receipt

import (
	"net/http"
	"slices"
	"strconv"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/receipt"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/proto/kit/page"
)

// Pages are the receipts' addresses.
type Pages struct {
	Site   *page.Site
	Guard  *guard.Guard
	Access *access.Service
	Keys   func() []byte // the key set that receipts are checked with
}

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /receipt/{id}/{version}", p.Site.Handle(p.Guard.Require(p.download)))
	mux.HandleFunc("GET "+receipt.KeysPath, p.keys)
}

// download gives one receipt, as a file, to the requester and to the desk of its network.
func (p *Pages) download(w http.ResponseWriter, r *http.Request) error {
	proofs, err := p.Access.Proofs(r.Context(), guard.From(r.Context()).Person, r.PathValue("id"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(proofs, func(f access.Proof) bool { return strconv.FormatInt(f.Version, 10) == r.PathValue("version") })
	if i < 0 {
		return access.ErrUnknown
	}
	h := w.Header()
	h.Set("Content-Type", "application/jose")
	h.Set("Content-Disposition", `attachment; filename="decision-`+r.PathValue("id")+"-"+r.PathValue("version")+`.jws"`)
	h.Set("Cache-Control", "no-store")
	_, err = w.Write([]byte(proofs[i].JWS + "\n"))
	return err
}

// keys publishes every key that ever signed: a receipt must hold for years.
func (p *Pages) keys(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(p.Keys()) // nobody is left to tell
}
