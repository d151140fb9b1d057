package notify

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"
	"time"

	"eulogin.example/proto/kit/mail"
)

//go:embed templates
var templateFiles embed.FS

// Catalogue gives the texts; package page's Site is one. Arguments fill {0}, {1}, …
type Catalogue interface {
	T(lang, key string, args ...any) string
}

// RenderConfig is what a renderer needs; every field is required but Demo.
type RenderConfig struct {
	Catalogue Catalogue
	Product   string // the name that messages speak of
	Demo      bool   // say in every mail that this is a demonstration
	// Moment prints a time as the language writes it, in local time with the zone's name.
	Moment func(lang string, at time.Time) string
}

// Renderer turns messages into mails and text messages.
type Renderer struct {
	cfg  RenderConfig
	html *html.Template
	text *text.Template
}

// NewRenderer checks the configuration and parses the two mail templates.
func NewRenderer(c RenderConfig) (*Renderer, error) {
	if c.Catalogue == nil || c.Product == "" || c.Moment == nil {
		return nil, errors.New("notify: Catalogue, Product and Moment are required")
	}
	h, err := html.ParseFS(templateFiles, "templates/mail.html")
	if err != nil {
		return nil, err
	}
	t, err := text.ParseFS(templateFiles, "templates/mail.txt")
	if err != nil {
		return nil, err
	}
	return &Renderer{cfg: c, html: h, text: t}, nil
}

// block is one piece of a mail's body; exactly one field is set.
type block struct {
	Text string // a paragraph
	URL  string // a link that stands alone, to be clicked
	Copy string // the same address, to be copied
	Code string // a code to be typed
}

type view struct {
	Lang, Subject, Greeting string
	Blocks                  []block
	LinkText                string
	Sign, Demo              string
}

// Mail renders a message as a mail. ref makes a repeated delivery recognisable.
func (r *Renderer) Mail(m Message, ref string) (mail.Message, error) {
	parts, ok := kinds[m.Kind]
	if !ok || m.Channel() != ByMail {
		return mail.Message{}, ErrPayload
	}
	v, err := r.view(m, parts)
	if err != nil {
		return mail.Message{}, err
	}
	var h, t bytes.Buffer
	err = errors.Join(r.html.Execute(&h, v), r.text.Execute(&t, v))
	if err != nil {
		return mail.Message{}, fmt.Errorf("render mail %s: %w", m.Kind, err)
	}
	return mail.Message{To: m.To, Subject: v.Subject, Text: t.String(), HTML: h.String(), Lang: v.Lang, Ref: ref}, nil
}

// SMS renders a message as the text of a text message.
func (r *Renderer) SMS(m Message) (string, error) {
	if m.Channel() != BySMS {
		return "", ErrPayload
	}
	lang := language(m.Lang)
	return r.cfg.Catalogue.T(lang, "mail."+string(m.Kind)+".text", r.cfg.Product, m.Data[dataCode], m.Data[dataMinutes], m.Data[dataWhat]), nil
}

func (r *Renderer) view(m Message, parts []string) (view, error) {
	lang := language(m.Lang)
	args, err := r.args(lang, m)
	if err != nil {
		return view{}, err
	}
	t := func(part string) string { return r.cfg.Catalogue.T(lang, "mail."+string(m.Kind)+"."+part, args...) }
	v := view{
		Lang: lang, Subject: t("subject"), Greeting: r.greeting(lang, m.Data[dataName]),
		LinkText: r.cfg.Catalogue.T(lang, "mail.link"),
		Sign:     r.cfg.Catalogue.T(lang, "mail.sign", r.cfg.Product),
	}
	if r.cfg.Demo {
		v.Demo = r.cfg.Catalogue.T(lang, "mail.demo")
	}
	for _, part := range parts {
		b := blockOf(part, m.Data, t)
		if b != (block{}) {
			v.Blocks = append(v.Blocks, b)
		}
	}
	return v, nil
}

// greeting is "Dear …," with the name if one is known.
func (r *Renderer) greeting(lang, name string) string {
	if strings.TrimSpace(name) == "" {
		return r.cfg.Catalogue.T(lang, "mail.greeting_nameless")
	}
	return r.cfg.Catalogue.T(lang, "mail.greeting", name)
}

func blockOf(part string, data map[string]string, t func(string) string) block {
	switch part {
	case "@url":
		return block{URL: data[dataURL]}
	case "@copy":
		return block{Copy: data[dataURL]}
	case "@other":
		return block{URL: data[dataOther]}
	case "@code":
		return block{Code: data[dataCode]}
	}
	return block{Text: t(part)}
}

// args are the same for every text of every mail: {0} product, {1} e-mail address,
// {2} until when, {3} minutes, {4} when it happened, {5} what it concerns, {6} the name of the
// verification method.
func (r *Renderer) args(lang string, m Message) ([]any, error) {
	until, err1 := r.moment(lang, m.Data[dataUntil])
	at, err2 := r.moment(lang, m.Data[dataAt])
	err := errors.Join(err1, err2)
	if err != nil {
		return nil, ErrPayload.Because(err)
	}
	method := m.Data[dataMethod]
	if method != "" {
		method = r.cfg.Catalogue.T(lang, "signin.method."+method)
	}
	return []any{r.cfg.Product, m.Data[dataEmail], until, m.Data[dataMinutes], at, m.Data[dataWhat], method}, nil
}

func (r *Renderer) moment(lang, stamped string) (string, error) {
	if stamped == "" {
		return "", nil
	}
	t, err := time.Parse(time.RFC3339, stamped)
	if err != nil {
		return "", err
	}
	return r.cfg.Moment(lang, t), nil
}

// Languages are those that messages are written in; the first stands in for any other.
var Languages = []string{"en", "fr", "de"}

func language(lang string) string {
	for _, l := range Languages {
		if l == lang {
			return l
		}
	}
	return Languages[0]
}
