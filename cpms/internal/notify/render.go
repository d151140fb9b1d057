package notify

import (
	"context"
	"html/template"
	"strings"
	"time"

	"eulogin.example/proto/kit/mail"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/page"
)

// Texts gives texts of the catalogue; *page.Site does.
type Texts interface {
	T(lang, key string, args ...any) string
}

// Renderer makes finished mails.
type Renderer struct {
	Texts    Texts
	Product  string
	Location *time.Location
	HomeURL  string // link of mails that have none of their own
}

// html is the frame of every mail; everything in it is escaped by the template.
var html = template.Must(template.New("mail").Parse(`<!DOCTYPE html><html lang="{{.Lang}}"><body style="font-family:Arial,sans-serif;line-height:1.5;color:#1f2430">
<p>{{.Greeting}}</p>{{range .Paragraphs}}<p>{{.}}</p>{{end}}
<p><a href="{{.Link}}">{{.LinkText}}</a><br><small>{{.Link}}</small></p><p><small>{{.Footer}}</small></p></body></html>`))

// Render makes the mail in the person's language.
func (r *Renderer) Render(m Mail, ref string) (mail.Message, error) {
	t := func(key string, args ...any) string { return r.Texts.T(m.Lang, key, args...) }
	if m.Link == "" {
		m.Link = r.HomeURL
	}
	if m.Data["network"] == AllNetworks {
		m.Data["network"] = t("mail.all_networks")
	}
	said := strings.ReplaceAll(m.Data["text"], "\r\n", "\n")
	args := []any{m.Data["network"], m.Data["requester"], said, r.date(m.Lang, m.Data["ends"]), r.date(m.Lang, m.Data["starts"])}
	v := struct {
		Lang, Greeting, Link, LinkText, Footer string
		Paragraphs                             []string
	}{m.Lang, t("mail.greeting", m.Name), m.Link, t("mail.link"), t("mail.footer", r.Product), strings.Split(t("mail."+m.Kind+".text", args...), "\n")}
	if m.Data["helpdesk"] != "" {
		v.Paragraphs = append(v.Paragraphs, t("mail.helpdesk", m.Data["network"], m.Data["helpdesk"]))
	}
	var b strings.Builder
	if err := html.Execute(&b, v); err != nil {
		return mail.Message{}, err
	}
	text := v.Greeting + "\n\n" + strings.Join(v.Paragraphs, "\n\n") + "\n\n" + v.LinkText + ":\n" + v.Link + "\n\n" + v.Footer + "\n"
	subject := strings.Join(strings.Fields(t("mail."+m.Kind+".subject", args...)), " ")
	return mail.Message{To: m.To, Subject: subject, Text: text, HTML: b.String(), Lang: m.Lang, Ref: ref}, nil
}

func (r *Renderer) date(lang, stamp string) string {
	at, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return ""
	}
	return page.Date(lang, at.In(r.Location))
}

// Deliver sends the mails of the outbox.
func Deliver(r *Renderer, sender mail.Sender) outbox.Deliver {
	return func(ctx context.Context, row outbox.Row) error {
		m, err := Decode(row.Payload)
		if err != nil {
			return err
		}
		msg, err := r.Render(m, row.ID)
		if err != nil {
			return err
		}
		return sender.Send(ctx, msg)
	}
}
