package signin

import "eulogin.example/idp/internal/consent"

// detail is what the person is asked to allow, in one language.
type detail struct {
	At, Title string
	Facts     []fact
}

type fact struct {
	Label  string
	Values []string
}

// details puts what a service asks to be allowed into the language of the page, or else into English.
func details(list []consent.Detail, lang string) (out []detail) {
	in := func(text map[string]string) string {
		if t := text[lang]; t != "" {
			return t
		}
		return text["en"]
	}
	for _, d := range list {
		one := detail{At: d.At, Title: in(d.Title)}
		for _, f := range d.Facts {
			one.Facts = append(one.Facts, fact{in(f.Label), f.Values})
		}
		out = append(out, one)
	}
	return out
}
