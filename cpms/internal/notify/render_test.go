package notify_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/web"
	"eulogin.example/proto/kit/page"
)

func renderer(t *testing.T) (*notify.Renderer, *page.Site) {
	t.Helper()
	site, err := page.New(page.Config{Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: "CPMS 2.0", CookiePrefix: "cpms_"})
	if err != nil {
		t.Fatal(err)
	}
	return &notify.Renderer{Texts: site, Product: "CPMS 2.0", Location: site.Location, HomeURL: "https://cpms.example/screen/home"}, site
}

var ends = time.Date(2026, 12, 24, 23, 30, 0, 0, time.UTC)

// all makes one mail of each kind, with names and texts as hostile as they come.
func all(p person.Person) []notify.Mail {
	const link = "https://cpms.example/request/1"
	return []notify.Mail{
		notify.Received(p, "ern-eye", link), notify.NewRequest(p, p, "ern-eye", link), notify.Question(p, "ern-eye", "Why <script>?\r\nAnd {0} when?", link),
		notify.Approved(p, "ern-eye", ends, link), notify.Rejected(p, "ern-eye", "No {3}", link), notify.Withdrawn(p, "ern-eye", link), notify.Expiring(p, "ern-eye", ends, link),
		notify.Expired(p, "ern-eye", link), notify.Suspended(p, "", ""),
		notify.SecondNeeded(p, p, "ern-eye", link), notify.DeputyNamed(p, p, "ern-eye", ends, ends, link), notify.DeputySet(p, p, "ern-eye", ends, ends, link), notify.DeputyEnded(p, p, "ern-eye", link),
		notify.Coordinator(p, true, "ern-eye", link), notify.Coordinator(p, false, "*", link), notify.CoordinatorTold(p, p, true, "ern-eye", link), notify.CoordinatorTold(p, p, false, "*", link), notify.CoordinatorProposed(p, p, "ern-eye", link),
		notify.Overdue(p, p, "ern-eye", link), notify.Escalated(p, p, "ern-eye", link), notify.Unanswered(p, "ern-eye", link), notify.Lapsed(p, "ern-eye", link),
		notify.Revoked(p, "ern-eye", "Left {0} <b>", link), notify.GivenBack(p, p, "ern-eye", link), notify.Extended(p, "ern-eye", ends, link),
		notify.RemarkDesk(p, p, "ern-eye", link), notify.RemarkPerson(p, "ern-eye", link),
		notify.Reference(p, p, "ern-eye", link), notify.ReferenceGiven(p, "Elena", "ern-eye", link), notify.ReferenceDeclined(p, p, "ern-eye", link),
	}
}

// unhelped are the mails to the desk, and the one about all networks.
var unhelped = []string{"new_request", "suspended", "second_needed", "deputy_named", "deputy_set", "deputy_ended", "coordinator_given", "coordinator_taken", "coordinator_joined", "coordinator_left", "coordinator_proposed", "overdue", "escalated", "given_back",
	"remark_desk", "reference_declined"}

func TestEveryMailInEveryLanguage(t *testing.T) {
	r, site := renderer(t)
	subjects := map[string]bool{}
	for _, lang := range site.Languages {
		p := person.Person{GivenName: "Anna <b>", FamilyName: "K\r\nBcc: x@y.z", Email: "anna@example.org", MailLang: lang}
		mails := all(p)
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
			if err != nil || got.To != p.Email || got.Lang != lang || got.Ref != "ref" {
				t.Fatalf("%s %s: %+v %v", lang, m.Kind, got, err)
			}
			for part, text := range map[string]string{"subject": got.Subject, "text": got.Text, "html": got.HTML} {
				for _, bad := range []string{"mail." + m.Kind, "mail.helpdesk", "\r", "%!", "{1}", "{2}"} {
					if strings.Contains(text, bad) {
						t.Errorf("%s %s: %q in the %s", lang, m.Kind, bad, part)
					}
				}
			}
			if got.Subject == "" || strings.Contains(got.Subject, "\n") || subjects[got.Subject] {
				t.Errorf("%s %s: subject %q is empty, broken or another mail's", lang, m.Kind, got.Subject)
			}
			subjects[got.Subject] = true
			if strings.Contains(got.HTML, "<script>") || strings.Contains(got.HTML, "<b>") || !strings.Contains(got.HTML, `lang="`+lang+`"`) {
				t.Errorf("%s %s: %s", lang, m.Kind, got.HTML)
			}
			if !strings.Contains(got.Text, "Anna <b> K Bcc: x@y.z") || !strings.Contains(got.Text, "https://cpms.example/") || !strings.Contains(got.HTML, `href="https://cpms.example/`) {
				t.Errorf("%s %s: greeting or link: %s", lang, m.Kind, got.Text)
			}
			// In Brussels it is Christmas already.
			if (m.Kind == "approved" || m.Kind == "extended" || m.Kind == "expiring") && !strings.Contains(got.Text, page.Date(lang, ends.In(r.Location))) {
				t.Errorf("%s %s: no end in %q", lang, m.Kind, got.Text)
			}
			if helped := strings.Contains(got.Text, "cpms@ern-eye.example"); helped == slices.Contains(unhelped, m.Kind) {
				t.Errorf("%s %s: helpdesk %v", lang, m.Kind, helped)
			}
		}
	}
}

// What a coordinator writes comes through as it was written, in both forms.
func TestWordsOfACoordinator(t *testing.T) {
	r, _ := renderer(t)
	m, err := r.Render(notify.Question(person.Person{Email: "a@x.eu", MailLang: "en"}, "ern-eye", "Which clinic?\r\nSince {0}, & why <not>?", "l"), "ref")
	if err != nil || !strings.Contains(m.Text, "Which clinic?\n\nSince {0}, & why <not>?\n") || !strings.Contains(m.HTML, "<p>Since {0}, &amp; why &lt;not&gt;?</p>") {
		t.Errorf("%v\n%s\n%s", err, m.Text, m.HTML)
	}
}

func TestMailsThatCanNeverBeSent(t *testing.T) {
	for _, raw := range []string{"", "{", "[]", `{"kind":"received"}`, `{"kind":"unknown","to":"a@x.eu"}`, `{"to":"a@x.eu"}`} {
		if m, err := notify.Decode([]byte(raw)); err == nil {
			t.Errorf("%q became %+v", raw, m)
		}
	}
}

func TestTheDocumentListsEveryMail(t *testing.T) {
	raw, err := os.ReadFile("../../docs/request-lifecycle.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range notify.Kinds {
		if !strings.Contains(string(raw), "| "+kind+" | ") {
			t.Errorf("%s is not in docs/request-lifecycle.md", kind)
		}
	}
}
