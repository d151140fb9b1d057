package notify_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/web"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/mail"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/page"
)

var (
	at   = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	anna = notify.Person{Name: "Anna O'Neill", Email: "anna@example.org", Lang: "en"}
	link = notify.Link{URL: "https://login.test/register/confirm?t=abc.def", Code: "AB3K-X92M", ExpiresAt: at.Add(5 * time.Minute), ValidFor: 5 * time.Minute}
)

func renderer(t testing.TB) *notify.Renderer {
	t.Helper()
	site, err := page.New(page.Config{Locales: web.Locales, Product: "EU Login", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	brussels, err := time.LoadLocation("Europe/Brussels")
	if err != nil {
		t.Fatal(err)
	}
	r, err := notify.NewRenderer(notify.RenderConfig{
		Catalogue: site, Product: "EU Login", Demo: true,
		Moment: func(lang string, at time.Time) string { return page.DateTime(lang, at.In(brussels)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// every message that can be sent, in one language.
func every(lang string) []notify.Message {
	p := anna
	p.Lang = lang
	const url = "https://login.test/account"
	return []notify.Message{
		notify.ConfirmRegistration(p, link), notify.AlreadyRegistered(p, url, url+"/lost"), notify.Registered(p, url),
		notify.PasswordLink(p, link), notify.NoAccount(notify.Person{Email: p.Email, Lang: lang}, url), notify.AccountDisabled(p),
		notify.PasswordRecovered(p, at, url), notify.PasswordChanged(p, at, url), notify.DetailsChanged(p, at, url),
		notify.FactorUndone(p, "app_pin", "My phone", at, url), notify.DeviceDisabled(p, "My phone", at, url),
		notify.KeyDisabled(p, "Blue key", at, url), notify.KeyIssued(p, "Blue key", at, url),
		notify.FactorAdded(p, "totp", "Work phone", at, url, url), notify.FactorRemoved(p, "recovery_code", "", at, url, url), notify.RecoveryCodeUsed(p, 3, at, url), notify.SignInGuessed(p, "totp", at, url),
		notify.AddressLink(p, link), notify.AddressTaken(p, url), notify.AddressChanged(p, at, url), notify.AddressLeft(p, "new@example.org", at, url), notify.AddressRestored(p, at, url),
		notify.SignedInAnew(p, at, "Firefox, Linux, 192.0.2.1", url), notify.SignInDisowned(p, at, url), notify.SignInLocked(p, at, url), notify.SignInRefused(p, "CPMS", at, url),
	}
}

var leftover = regexp.MustCompile(`\{\d\}|mail\.[a-z_]+\.|%!|<no value>|\(\)`)

func TestEveryMessageInEveryLanguage(t *testing.T) {
	r := renderer(t)
	for _, lang := range notify.Languages {
		subjects := map[string]bool{}
		for _, m := range every(lang) {
			out, err := r.Mail(m, "ref-1")
			if err != nil {
				t.Fatalf("%s %s: %v", m.Kind, lang, err)
			}
			if out.To != anna.Email || out.Lang != lang || out.Ref != "ref-1" || out.Subject == "" || strings.ContainsAny(out.Subject, "\r\n") {
				t.Errorf("%s %s: %+v", m.Kind, lang, out)
			}
			for _, body := range []string{out.Subject, out.Text, out.HTML} {
				if found := leftover.FindString(body); found != "" {
					t.Errorf("%s %s: %q is left in\n%s", m.Kind, lang, found, body)
				}
			}
			if m.Data["url"] != "" && (!strings.Contains(out.Text, m.Data["url"]) || !strings.Contains(out.HTML, `href="`+m.Data["url"]+`"`)) {
				t.Errorf("%s %s: the link is missing", m.Kind, lang)
			}
			if !strings.Contains(out.HTML, `<html lang="`+lang+`">`) || !strings.Contains(out.Text, "EU Login") {
				t.Errorf("%s %s:\n%s", m.Kind, lang, out.HTML)
			}
			subjects[out.Subject] = true
		}
		if len(subjects) < 15 { // "your password was changed" stands for two kinds
			t.Errorf("%s: %d subjects", lang, len(subjects))
		}
	}
}

// The guide's words, with the end of validity in local time.
func TestConfirmationSaysWhatTheGuideSays(t *testing.T) {
	out, err := renderer(t).Mail(notify.ConfirmRegistration(anna, link), "r")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Dear Anna O'Neill,", "You have been registered in EU Login. Your email address is anna@example.org.",
		"To create your password, follow the link below:",
		"You have a maximum of 5 min, starting from the time that this message was sent, to create your password",
		"until 23 November 2026 at 13:05 CET", "AB3K-X92M", link.URL,
		"make sure the complete address is copied!", "it may take up to 5 minutes after reception of this mail",
		"Sent to you by EU Login", "This is a demonstration",
	} {
		if !strings.Contains(out.Text, want) {
			t.Errorf("missing %q in\n%s", want, out.Text)
		}
	}
	if strings.Count(out.HTML, link.URL) != 2 {
		t.Error("the HTML has the address as a link and to be copied")
	}
}

func TestSMS(t *testing.T) {
	r := renderer(t)
	for lang, word := range map[string]string{"en": "challenge code", "fr": "code de vérification", "de": "Bestätigungscode", "xx": "challenge code"} {
		text, err := r.SMS(notify.Challenge("+32123456790", lang, "AB3-KX9-2MP", 10*time.Minute))
		if err != nil || !strings.Contains(text, "AB3-KX9-2MP") || !strings.Contains(text, word) || !strings.Contains(text, "10") || len([]rune(text)) > 160 {
			t.Errorf("%s: %q %v", lang, text, err)
		}
	}
	for lang, word := range map[string]string{"en": "sign in to", "fr": "connexion", "de": "Anmeldung"} {
		long := strings.Repeat("x", 40)
		text, err := r.SMS(notify.SignInCode("+32123456790", lang, "AB3-KX9-2MP", long, 10*time.Minute))
		if err != nil || !strings.Contains(text, "AB3-KX9-2MP") || !strings.Contains(text, word) || !strings.Contains(text, long) || len([]rune(text)) > 160 {
			t.Errorf("%s: %q %v", lang, text, err)
		}
	}
	if _, err := r.SMS(notify.AccountDisabled(anna)); !errors.Is(err, notify.ErrPayload) {
		t.Errorf("a mail is no text message: %v", err)
	}
	if _, err := r.Mail(notify.Challenge("+32123456790", "en", "x", time.Minute), "r"); !errors.Is(err, notify.ErrPayload) {
		t.Errorf("a text message is no mail: %v", err)
	}
}

// Names and device names come from people; in HTML they are text.
func TestHTMLIsEscaped(t *testing.T) {
	p := notify.Person{Name: `<script>alert(1)</script>`, Email: "anna@example.org", Lang: "en"}
	out, err := renderer(t).Mail(notify.DeviceDisabled(p, `"><img src=x>`, at, "javascript:alert(1)"), "r")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", `href="javascript`} {
		if strings.Contains(out.HTML, bad) {
			t.Errorf("%q in\n%s", bad, out.HTML)
		}
	}
}

// outside records what leaves the service.
type outside struct {
	mails []mail.Message
	texts []string
	err   error
}

func (o *outside) Send(_ context.Context, m mail.Message) error {
	o.mails = append(o.mails, m)
	return o.err
}
func (o *outside) SendSMS(_ context.Context, to, text, ref string) error {
	o.texts = append(o.texts, to+" "+ref+" "+text)
	return o.err
}

func TestDeliveries(t *testing.T) {
	o := &outside{}
	d := notify.Deliveries(renderer(t), o, o)
	m := notify.AccountDisabled(anna)
	if err := d[m.Channel()](t.Context(), outbox.Row{ID: "row-1", Payload: m.Encode()}); err != nil || len(o.mails) != 1 || o.mails[0].Ref != "row-1" {
		t.Errorf("%v %+v", err, o.mails)
	}
	m = notify.Challenge("+32123456790", "en", "AB3-KX9-2MP", time.Minute)
	if err := d[m.Channel()](t.Context(), outbox.Row{ID: "row-2", Payload: m.Encode()}); err != nil || len(o.texts) != 1 || !strings.HasPrefix(o.texts[0], "+32123456790 row-2 ") {
		t.Errorf("%v %v", err, o.texts)
	}
	o.err = fault.New(fault.Unavailable, "test.down")
	if err := d[m.Channel()](t.Context(), outbox.Row{Payload: m.Encode()}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("an outage is tried again: %v", err)
	}
	for _, payload := range []string{"", "{}", `{"kind":"none","to":"a@b.eu"}`, `{"kind":"register_done","to":"a@b.eu","data":{"at":"yesterday"}}`} {
		if err := d[notify.ByMail](t.Context(), outbox.Row{Payload: []byte(payload)}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q is not tried again: %v", payload, err)
		}
	}
}
