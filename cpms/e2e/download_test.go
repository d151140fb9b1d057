package e2e

import (
	"io"
	"net/http"
	"strings"

	"golang.org/x/net/html"
)

// href gives where a link leads.
func (v *httpVisitor) href(text string) string {
	v.t.Helper()
	hit := find(v.page, func(n *html.Node) bool { return n.Data == "a" && strings.Contains(squeeze(content(n)), text) })
	if hit == nil {
		v.t.Fatalf("no link called %q on %s:\n%s", text, v.at, v.body())
	}
	return v.resolve(attribute(hit, "href"))
}

// download gets the file behind a link.
func (v *httpVisitor) download(text string) []byte {
	v.t.Helper()
	resp, err := v.client.Get(v.href(text))
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment") {
		v.t.Fatalf("%s: %s %v", text, resp.Status, err)
	}
	return raw
}

// answer presses a button whose answer is a file, and gives the file.
func (v *httpVisitor) answer(text string) string {
	v.t.Helper()
	button := find(v.page, func(n *html.Node) bool { return n.Data == "button" && strings.Contains(squeeze(content(n)), text) })
	form := button
	for form != nil && form.Data != "form" {
		form = form.Parent
	}
	if form == nil {
		v.t.Fatalf("no button called %q on %s", text, v.at)
	}
	req, err := http.NewRequest(http.MethodPost, v.resolve(attribute(form, "action")), strings.NewReader(v.entries(form).Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", v.at.Scheme+"://"+v.at.Host)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment") {
		v.t.Fatalf("%s: %s %v %s", text, resp.Status, err, raw)
	}
	return string(raw)
}
