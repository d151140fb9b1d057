package browse

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"eulogin.example/idp/internal/accounttest"
)

// Visitor is one browser with its cookies.
type Visitor struct {
	t      testing.TB
	client *http.Client
	base   string
}

// Visit opens a fresh browser.
func (h *House) Visit(t testing.TB) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Visitor{t: t, client: &http.Client{Jar: jar}, base: h.URL}
}

// Page is what the browser shows.
type Page struct {
	Status int
	Path   string // with query, after redirects
	Header http.Header
	Body   string
	root   *html.Node
	by     *Visitor
}

// Get opens a path, or a link out of a mail.
func (v *Visitor) Get(path string) *Page {
	v.t.Helper()
	path = strings.TrimPrefix(path, accounttest.Issuer)
	res, err := v.client.Get(v.base + path)
	return v.page(res, err)
}

// Post sends a form that no page offered.
func (v *Visitor) Post(path string, form url.Values) *Page {
	v.t.Helper()
	res, err := v.client.PostForm(v.base+path, form)
	return v.page(res, err)
}

func (v *Visitor) page(res *http.Response, err error) *Page {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		v.t.Fatal(err)
	}
	return &Page{Status: res.StatusCode, Path: res.Request.URL.RequestURI(), Header: res.Header, Body: string(body), root: root, by: v}
}

// Send fills in the POST form with this action and sends it; what the page holds in it
// goes along.
func (p *Page) Send(action string, typed map[string]string) *Page {
	p.by.t.Helper()
	form := p.form(action)
	if form == nil {
		p.by.t.Fatalf("%s (%d) has no form for %s:\n%s", p.Path, p.Status, action, p.Text("main"))
	}
	values := url.Values{}
	for n := range form.Descendants() {
		collect(n, values)
	}
	for k, v := range typed {
		if v == "" {
			values.Del(k)
			continue
		}
		values.Set(k, v)
	}
	return p.by.Post(action, values)
}

// leadsTo reports whether a form goes to an address, whatever its query is.
func leadsTo(form *html.Node, action string) bool {
	path, _, _ := strings.Cut(attr(form, "action"), "?")
	return attr(form, "action") == action || path == action
}

func (p *Page) form(action string) *html.Node {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" && leadsTo(n, action) && attr(n, "method") == "post" {
			return n
		}
	}
	return nil
}

func collect(n *html.Node, values url.Values) {
	if n.Type != html.ElementNode {
		return
	}
	name := attr(n, "name")
	switch n.Data {
	case "input":
		if kind := attr(n, "type"); name != "" && (kind != "checkbox" || has(n, "checked")) {
			values.Set(name, attr(n, "value"))
		}
	case "select":
		for o := range n.Descendants() {
			if o.Data == "option" && has(o, "selected") {
				values.Set(name, attr(o, "value"))
			}
		}
	}
}

// Text gives the visible text of the first element of a kind, blanks made single.
func (p *Page) Text(tag string) string {
	n := p.find(tag, "", "")
	if n == nil {
		return ""
	}
	return text(n)
}

// Value gives the value of the field of a name.
func (p *Page) Value(name string) string {
	n := p.find("input", "name", name)
	if n == nil {
		return ""
	}
	return attr(n, "value")
}

// Error gives the message at a field.
func (p *Page) Error(name string) string {
	n := p.find("p", "id", name+"-error")
	if n == nil {
		return ""
	}
	return text(n)
}

// Has reports whether there is an element with this attribute.
func (p *Page) Has(tag, name, value string) bool { return p.find(tag, name, value) != nil }

// All gives the texts of all elements of a kind.
func (p *Page) All(tag string) []string {
	var out []string
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			out = append(out, text(n))
		}
	}
	return out
}

func (p *Page) find(tag, name, value string) *html.Node {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag && (name == "" || attr(n, name) == value) {
			return n
		}
	}
	return nil
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// Attr gives an attribute of the first element of a kind whose name is value.
func (p *Page) Attr(tag, name, value, want string) string {
	n := p.find(tag, name, value)
	if n == nil {
		return ""
	}
	return attr(n, want)
}
