package page_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// allWrong is a form in which every field has an error that quotes what was typed.
func allWrong(typed string) data {
	d := data{Value: typed, Errors: map[string]fault.Message{}, Options: []page.Option{
		{Value: typed, Label: typed, Help: typed}, {Value: "b", Label: "B", Selected: true}, {Value: "c", Label: "C", Disabled: true},
	}}
	for _, n := range []string{"email", "s", "r", "one", "text"} {
		d.Errors[n] = fault.Message{Key: "x.bad", Args: []any{typed}}
	}
	return d
}

func TestPageReflectsNothingUnescaped(t *testing.T) {
	for _, evil := range []string{`"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `</textarea></title><svg onload=alert(1)>`, `{{.Product}}`} {
		s := site(t, func(c *page.Config) {
			c.Product = evil
			c.Nav = func(*http.Request) page.Nav {
				return page.Nav{Links: []page.Link{{Key: "x.title", Href: evil}}, SignOut: evil}
			}
		})
		r := get("/x" + url.PathEscape(evil) + "?a=" + url.QueryEscape(evil) + "&" + url.QueryEscape(evil))
		r = r.WithContext(page.WithPerson(r.Context(), page.Person{Name: evil, Detail: evil}))
		body := show(t, s, r, allWrong(evil))
		for _, tag := range []string{"<script>", "<img src=x", "<svg onload", "</textarea></title>"} {
			if strings.Contains(body, tag) {
				t.Errorf("%q is in the page of %q:\n%s", tag, evil, body)
			}
		}
	}
}

func TestScriptAddressesAreNeutralised(t *testing.T) {
	s := site(t)
	for _, a := range []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)", "data:text/html,<b>", "vbscript:x"} {
		body := show(t, s, get("/x"), data{Value: a})
		for _, m := range regexp.MustCompile(`(?i)(?:href|action|src)="([^"]*)"`).FindAllStringSubmatch(body, -1) {
			if strings.Contains(m[1], ":") && !strings.HasPrefix(m[1], "http") {
				t.Errorf("%q became the address %q", a, m[1])
			}
		}
	}
	for _, a := range []string{"/terms?a=b", "https://idp.example/privacy", "mailto:help@example.org"} {
		if body := show(t, s, get("/x"), data{Value: a}); !strings.Contains(body, `Read <a href="`+a+`">this</a>, `+a) {
			t.Errorf("the address %q did not survive", a)
		}
	}
}

func TestArgumentsAreNotSearchedForPlaceholders(t *testing.T) {
	if body := show(t, site(t), get("/x"), data{Value: "{1}{0}"}); !strings.Contains(body, "{1}{0} and second") {
		t.Errorf("a typed {1} was filled in:\n%s", body)
	}
}

// TestControlsAreLabelled holds the parts to WCAG 1.3.1, 3.3.1 and 4.1.2.
func TestControlsAreLabelled(t *testing.T) {
	body := show(t, site(t), get("/x?lang=de"), allWrong("typed"))
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		if ids[m[1]]++; ids[m[1]] > 1 {
			t.Errorf("id %s stands twice", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`\s(?:for|aria-describedby|aria-labelledby|href)="#?([^"/]+)"`).FindAllStringSubmatch(body, -1) {
		for _, id := range strings.Fields(m[1]) {
			if ids[id] == 0 && id != "typed" {
				t.Errorf("%s points at nothing", m[0])
			}
		}
	}
	controls := regexp.MustCompile(`<(?:input|select|textarea)[^>]*>`).FindAllString(body, -1)
	controls = slices.DeleteFunc(controls, func(c string) bool { return strings.Contains(c, `type="hidden"`) })
	for _, c := range controls {
		id := regexp.MustCompile(`\sid="([^"]+)"`).FindStringSubmatch(c)
		if id == nil || !strings.Contains(body, fmt.Sprintf(`<label for="%s">`, id[1])) {
			t.Errorf("no label: %s", c)
		}
	}
	if len(controls) != 11 {
		t.Errorf("%d controls", len(controls))
	}
	for _, want := range []string{
		`lang="de"`, "Title de", `aria-describedby="email-help email-error" aria-invalid="true" required`, `aria-describedby="one-help one-error" aria-invalid="true" required`,
		`<fieldset class="group choice invalid" aria-describedby="r-help r-error">`, `href="#f-r">Not typed</a>`, `id="f-r" name="r" type="radio"`,
		"Demonstration", `aria-current="step"`, ">Français<", `<a class="button ghost"`, `<button class="button secondary" name="go"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in\n%s", want, body)
		}
	}
	if demo := strings.Index(body, `class="demo"`); demo < strings.Index(body, "<header") || demo > strings.Index(body, "</header>") {
		t.Error("the line of the demonstration is outside the landmarks")
	}
	if strings.Contains(body, `<label for="f-user">Label<span`) {
		t.Error("a field that only shows something is called optional")
	}
	if strings.Contains(show(t, site(t), get("/x"), data{}), "error-summary") {
		t.Error("a form without errors has a summary")
	}
}
