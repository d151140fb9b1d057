package notify_test

import (
	"strings"
	"testing"
	"time"

	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/web"
	"eulogin.example/proto/kit/page"
)

func TestEveryMailInEveryLanguage(t *testing.T) {
	site, err := page.New(page.Config{Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: "CPMS 2.0", CookiePrefix: "cpms_"})
	if err != nil {
		t.Fatal(err)
	}
	r := &notify.Renderer{Texts: site, Product: "CPMS 2.0", Location: site.Location, HomeURL: "https://cpms.example/screen/home"}
	ends := time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)
	for _, lang := range site.Languages {
		p := person.Person{GivenName: "Anna <b>", FamilyName: "K\r\nBcc: x@y.z", Email: "anna@example.org", MailLang: lang}
		mails := []notify.Mail{
			notify.Received(p, "ern-eye", "https://cpms.example/request/1"), notify.NewRequest(p, p, "ern-eye", "l"), notify.Question(p, "ern-eye", "Why <script>?", "l"),
			notify.Approved(p, "ern-eye", ends, "l"), notify.Rejected(p, "ern-eye", "No", "l"), notify.Withdrawn(p, "ern-eye", "l"), notify.Expiring(p, "ern-eye", ends, "l"),
			notify.Expired(p, "ern-eye", "l"), notify.Suspended(p, "", ""),
		}
		if len(mails) != len(notify.Kinds) {
			t.Fatalf("%d of %d kinds", len(mails), len(notify.Kinds))
		}
		for _, m := range mails {
			raw, err := m.Encode()
			if err != nil {
				t.Fatal(err)
			}
			back, err := notify.Decode(raw)
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Render(back, "ref")
			if err != nil || got.Subject == "" || strings.ContainsAny(got.Subject, "{}\r\n") || strings.Contains(got.Text, "{") || strings.Contains(got.Text, "mail."+m.Kind) {
				t.Errorf("%s %s: %q %q %v", lang, m.Kind, got.Subject, got.Text, err)
			}
			if strings.Contains(got.HTML, "<script>") || strings.Contains(got.HTML, "<b>") {
				t.Errorf("%s %s: unescaped", lang, m.Kind)
			}
			if m.Kind == "approved" && !strings.Contains(got.Text, "2026") {
				t.Errorf("%s: no end in %q", lang, got.Text)
			}
		}
	}
	if _, err := notify.Decode([]byte("{")); err == nil {
		t.Error("a broken mail was decoded")
	}
}
