package recoverycodes

import (
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/recovery"
	"eulogin.example/proto/kit/page"
)

// setPage is about the codes that an account has.
type setPage struct {
	Set     recovery.Set
	Left    int
	Count   int
	Low     bool // the person should get new ones
	Removed bool
}

func (h *Handler) show(w http.ResponseWriter, r *http.Request, a account.Account) error {
	return h.render(w, r, a, "recoverycodes/show")
}

// askNew says what getting new codes does. Its form holds the set that it replaces, so that a
// form sent twice does not end the codes that somebody has just printed.
func (h *Handler) askNew(w http.ResponseWriter, r *http.Request, a account.Account) error {
	return h.render(w, r, a, "recoverycodes/new")
}

func (h *Handler) askRemove(w http.ResponseWriter, r *http.Request, a account.Account) error {
	return h.render(w, r, a, "recoverycodes/remove")
}

func (h *Handler) render(w http.ResponseWriter, r *http.Request, a account.Account, name string) error {
	set, err := h.Codes.Current(r.Context(), a.ID)
	if err != nil {
		return err
	}
	left := set.Left()
	return h.Site.Render(w, r, http.StatusOK, name, setPage{
		Set: set, Left: left, Count: recovery.Count, Low: set.ID != "" && left <= recovery.Low, Removed: r.URL.Query().Get("done") == "removed",
	})
}

// issuedPage shows codes for the only time.
type issuedPage struct {
	Codes    []string
	Email    string
	IssuedAt time.Time
	Again    bool // the form was sent twice: these codes were shown already
	File     template.URL
}

// issue shows new codes in its answer and nowhere else.
func (h *Handler) issue(w http.ResponseWriter, r *http.Request, a account.Account) error {
	set, codes, err := h.Codes.Issue(r.Context(), a.ID, r.PostFormValue("replaces"))
	if errors.Is(err, recovery.ErrIssued) {
		return h.Site.Render(w, r, http.StatusConflict, "recoverycodes/issued", issuedPage{Again: true})
	}
	if err != nil {
		return err
	}
	p := issuedPage{Codes: codes, Email: a.Email, IssuedAt: set.IssuedAt}
	p.File = h.file(r, p)
	return h.Site.Render(w, r, http.StatusOK, "recoverycodes/issued", p)
}

// file gives the codes as an address that holds a text file, so that saving them asks the
// server for nothing and needs no script.
func (h *Handler) file(r *http.Request, p issuedPage) template.URL {
	lang := h.Site.Lang(r)
	lines := []string{
		h.Site.T(lang, "recoverycodes.file.title", h.Site.Product), p.Email,
		h.Site.T(lang, "recoverycodes.issued.at", page.DateTime(lang, p.IssuedAt.In(h.Site.Location))), "",
	}
	lines = append(append(lines, p.Codes...), "", h.Site.T(lang, "recoverycodes.issued.once"), "")
	return template.URL("data:text/plain;charset=utf-8;base64," + base64.StdEncoding.EncodeToString([]byte(strings.Join(lines, "\r\n"))))
}

// remove ends the codes; that they are gone already, by a second click, is no error.
func (h *Handler) remove(w http.ResponseWriter, r *http.Request, a account.Account) error {
	err := h.Codes.Remove(r.Context(), a.ID, r.PostFormValue("set"))
	if err != nil && !errors.Is(err, factor.ErrUnknown) {
		return err
	}
	http.Redirect(w, r, root+"?done=removed", http.StatusSeeOther)
	return nil
}
