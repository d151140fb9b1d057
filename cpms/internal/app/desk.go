package app

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/admin"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/receipt"
	adminpages "eulogin.example/cpms/internal/web/admin"
	"eulogin.example/cpms/internal/web/desk"
	"eulogin.example/cpms/internal/web/guard"
	receiptpages "eulogin.example/cpms/internal/web/receipt"
)

// desk makes what deciding and administering need: the keys that sign receipts, and the lists
// of networks and hospitals as administrators keep them.
func (a *app) desk(ctx context.Context) error {
	a.admin = &admin.Service{Store: a.store, Now: a.now, Random: rand.Reader, BaseURL: a.BaseURL}
	if err := a.admin.Refresh(ctx); err != nil {
		a.log.WarnContext(ctx, "lists of networks and hospitals", "error", err)
	}
	a.group.Add("directory", every(10*time.Second, a.log, a.admin.Refresh))
	kek, err := receiptKey(a.Config)
	if err != nil {
		return err
	}
	if a.pageKey, err = hkdf.Key(sha256.New, kek, nil, "cpms page tokens", 32); err != nil {
		return err
	}
	if a.receipts, err = receipt.New(ctx, a.store, kek, a.now, rand.Reader); err != nil {
		return err
	}
	a.group.Add("receipt-keys", every(time.Hour, a.log, a.receipts.Refresh))
	return nil
}

// forDesk adds the pages of those who decide and of those who administer.
func (a *app) forDesk(mux *http.ServeMux, g *guard.Guard, requests *access.Service, profiles *profile.Service) {
	(&desk.Pages{Site: a.site, Guard: g, Access: requests, Profiles: profiles, People: a.store, Now: a.now}).Mount(mux)
	(&adminpages.Pages{Site: a.site, Guard: g, Admin: a.admin, Access: requests, People: a.store, Now: a.now}).Mount(mux)
	(&receiptpages.Pages{Site: a.site, Guard: g, Access: requests, Keys: a.receipts.JWKS}).Mount(mux)
}
