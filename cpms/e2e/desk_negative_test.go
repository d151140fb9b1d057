package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// ask sends one bare request with the visitor's cookies and follows nothing.
func (v *httpVisitor) ask(method, u, site string, form url.Values) (status int, location string) {
	v.t.Helper()
	req, err := http.NewRequest(method, u, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Sec-Fetch-Site", site)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	still := *v.client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := still.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("Location")
}

// Every address of the desk and of the administration: nobody gets in who is not signed in, who
// has no desk, or from another site, and no writing address answers to a GET.
func TestNobodyElseAtTheDesk(t *testing.T) {
	sys := startSystem(t)
	r := sys.requester(t, "neg")
	r.asks("HP")
	own := r.v.(*httpVisitor).at.Path
	id := strings.TrimPrefix(own, "/request/")
	other := sys.requester(t, "eve").v.(*httpVisitor)
	desk := sys.atDesk(t, "ern-eye", newHTTPVisitor(t)).v.(*httpVisitor)
	stranger := newHTTPVisitor(t)
	reads := []string{
		"/desk", "/desk?q=a", "/desk/" + id, "/desk/deputies", "/desk/statistics", "/decisions/" + id, "/receipt/" + id + "/2",
		"/admin", "/admin/coordinators", "/admin/networks", "/admin/networks/ern-eye", "/admin/hospitals", "/admin/deputies",
	}
	writes := []string{
		"/desk/" + id + "/decide", "/desk/" + id + "/revoke", "/desk/deputies", "/desk/deputies/" + id + "/end", "/desk/export", "/decisions", "/decisions/" + id + "/carry", "/decisions/" + id + "/undo",
		"/admin/coordinators", "/admin/coordinators/take", "/admin/coordinators/confirm", "/admin/coordinators/drop", "/admin/networks/ern-eye", "/admin/hospitals", "/admin/hospitals/de-02/disable", "/admin/hospitals/de-02/enable", "/admin/deputies/" + id + "/end",
	}
	form := url.Values{"decision": {"approve"}, "version": {"2"}, "item": {id + ".2"}, "do": {"approve"}, "person": {id}, "network": {"ern-eye"}, "email": {"a@b.example"}}
	for _, path := range reads {
		if status, to := stranger.ask(http.MethodGet, sys.cpms.url+path, "none", nil); status != http.StatusSeeOther || !strings.HasPrefix(to, sys.idp.url) {
			t.Errorf("GET %s, not signed in: %d %s", path, status, to)
		}
		if status, _ := other.ask(http.MethodGet, sys.cpms.url+path, "none", nil); status != http.StatusForbidden && status != http.StatusNotFound {
			t.Errorf("GET %s without a desk: %d", path, status)
		}
	}
	for _, path := range writes {
		if status, to := stranger.ask(http.MethodPost, sys.cpms.url+path, "same-origin", form); status != http.StatusSeeOther || !strings.HasPrefix(to, sys.idp.url) {
			t.Errorf("POST %s, not signed in: %d %s", path, status, to)
		}
		if status, _ := other.ask(http.MethodPost, sys.cpms.url+path, "same-origin", form); status != http.StatusForbidden && status != http.StatusNotFound {
			t.Errorf("POST %s without a desk: %d", path, status)
		}
		if status, _ := desk.ask(http.MethodPost, sys.cpms.url+path, "cross-site", form); status != http.StatusForbidden {
			t.Errorf("POST %s from another site: %d", path, status)
		}
		if strings.HasPrefix(path, "/admin") {
			if status, _ := desk.ask(http.MethodPost, sys.cpms.url+path, "same-origin", form); status != http.StatusForbidden {
				t.Errorf("POST %s by a coordinator: %d", path, status)
			}
		}
		if status, _ := desk.ask(http.MethodGet, sys.cpms.url+path, "none", form); status >= 500 {
			t.Errorf("GET %s: %d", path, status)
		}
	}
	desk.open(sys.cpms.url + "/desk/" + id)
	desk.sees("Your decision") // still to be decided
}
