package config

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Reader reads settings and remembers what it was asked for.
type Reader struct {
	prefix string
	env    func(string) string
	faults []error
	seen   []setting
}

type setting struct{ name, value, doc string }

// FromEnv makes a reader of variables PREFIX_NAME; env is os.Getenv or a test's own.
func FromEnv(prefix string, env func(string) string) *Reader {
	return &Reader{prefix: prefix, env: env}
}

// String reads a text.
func (r *Reader) String(name, def, doc string) string {
	v := r.env(r.prefix + "_" + name)
	if v == "" {
		v = def
	}
	r.note(name, v, doc)
	return v
}

// Need reads a text that must be there; why says when.
func (r *Reader) Need(name, doc, why string) string {
	v := r.String(name, "", doc)
	if v == "" {
		r.Fault(name, why)
	}
	return v
}

// Secret reads NAME, or the file that NAME_FILE names; white space around a file's content does
// not count. It is never printed.
func (r *Reader) Secret(name, def, doc string) string {
	full := r.prefix + "_" + name
	v := r.env(full)
	if path := r.env(full + "_FILE"); path != "" {
		raw, err := os.ReadFile(path)
		switch {
		case err != nil:
			r.Fault(name+"_FILE", "cannot be read: "+path)
		case v != "":
			r.Fault(name, "is set beside "+full+"_FILE; set one of them")
		default:
			if v = strings.TrimSpace(string(raw)); v == "" {
				r.Fault(name+"_FILE", "is empty: "+path)
			}
		}
	}
	shown := "(set)"
	if v == "" {
		v, shown = def, "(default)"
	}
	if v == "" {
		shown = "(not set)"
	}
	r.note(name+"[_FILE]", shown, doc)
	return v
}

// Bool reads true or false.
func (r *Reader) Bool(name string, def bool, doc string) bool {
	v, err := strconv.ParseBool(r.String(name, strconv.FormatBool(def), doc))
	if err != nil {
		r.Fault(name, "must be true or false")
	}
	return v
}

// Int reads a whole number within bounds.
func (r *Reader) Int(name string, def, least, most int, doc string) int {
	v, err := strconv.Atoi(r.String(name, strconv.Itoa(def), doc))
	if err != nil || v < least || v > most {
		r.Fault(name, fmt.Sprintf("must be a whole number from %d to %d", least, most))
	}
	return v
}

// Duration reads a time span such as 90s or 15m.
func (r *Reader) Duration(name string, def time.Duration, doc string) time.Duration {
	v, err := time.ParseDuration(r.String(name, def.String(), doc))
	if err != nil || v < 0 {
		r.Fault(name, "must be a time span such as 90s or 15m")
	}
	return v
}

// URL reads an absolute http or https address and gives it without a slash at its end.
func (r *Reader) URL(name, def, doc string) string {
	v := strings.TrimSuffix(r.String(name, def, doc), "/")
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		r.Fault(name, "must be an address such as https://idp.example")
	}
	return v
}

// OneOf reads one of a few words.
func (r *Reader) OneOf(name, def, doc string, words ...string) string {
	v := r.String(name, def, doc+": "+strings.Join(words, " | "))
	for _, w := range words {
		if v == w {
			return v
		}
	}
	r.Fault(name, "must be one of "+strings.Join(words, ", "))
	return v
}

// List reads words separated by commas.
func (r *Reader) List(name, def, doc string) []string {
	var out []string
	for w := range strings.SplitSeq(r.String(name, def, doc), ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// Fault notes what is wrong with a setting.
func (r *Reader) Fault(name, what string) {
	r.faults = append(r.faults, fmt.Errorf("%s_%s %s", r.prefix, name, what))
}

// Err gives all faults together, or nil.
func (r *Reader) Err() error { return errors.Join(r.faults...) }

// Print lists every setting with its present value and its meaning as a table; secrets only as
// set or not set, and what stands before the @ or behind the ? of an address not at all.
func (r *Reader) Print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "SETTING\tVALUE\tMEANING")
	for _, s := range r.seen {
		fmt.Fprintf(tw, "%s_%s\t%s\t%s\n", r.prefix, s.name, redact(s.value), s.doc)
	}
	_ = tw.Flush()
}

func (r *Reader) note(name, value, doc string) { r.seen = append(r.seen, setting{name, value, doc}) }

// redact hides what may be a secret in a value that is not read as one: user and password, and
// the query. It does not parse, because what cannot be parsed would be shown whole.
func redact(v string) string {
	before, rest, ok := strings.Cut(v, "://")
	if !ok {
		return v
	}
	rest, query, asked := strings.Cut(rest, "?")
	if asked && query != "" {
		rest += "?xxxxx"
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		rest = "xxxxx" + rest[at:]
	}
	return before + "://" + rest
}
