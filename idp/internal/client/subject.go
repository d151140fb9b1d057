package client

import (
	"cmp"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// Subject is the distinguished name of a certificate as metadata have it (RFC 4514), the most
// particular name first.
type Subject struct {
	text string
	name []relative // nil: the text is none
}

// relative is one step of a name: usually one attribute, sometimes several at once, in order.
type relative []attribute

// attribute is a type by its object identifier, and a value.
type attribute struct{ kind, value string }

// attributeKinds are the short names of RFC 4514 §3, and those that openssl and CAs write beside them.
var attributeKinds = map[string]string{
	"CN": "2.5.4.3", "SN": "2.5.4.4", "SERIALNUMBER": "2.5.4.5", "C": "2.5.4.6", "L": "2.5.4.7", "ST": "2.5.4.8", "STREET": "2.5.4.9", "O": "2.5.4.10", "OU": "2.5.4.11",
	"TITLE": "2.5.4.12", "GN": "2.5.4.42", "GIVENNAME": "2.5.4.42", "SURNAME": "2.5.4.4", "POSTALCODE": "2.5.4.17", "BUSINESSCATEGORY": "2.5.4.15",
	"ORGANIZATIONIDENTIFIER": "2.5.4.97", "DC": "0.9.2342.19200300.100.1.25", "UID": "0.9.2342.19200300.100.1.1", "EMAILADDRESS": "1.2.840.113549.1.9.1",
}

// errSubject says that a text is no distinguished name.
var errSubject = errors.New("client: no distinguished name (RFC 4514)")

// UnmarshalText keeps the text, and the name if it is one.
func (s *Subject) UnmarshalText(text []byte) error {
	s.text = string(text)
	s.name, _ = readSubject(s.text) // whether it is one, the rules ask
	return nil
}

// MarshalText gives the text as it was.
func (s Subject) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// IsZero reports whether there is none.
func (s Subject) IsZero() bool { return s.text == "" }

// Is reports whether a certificate has this name: the same attributes in the same order, their values
// byte for byte. A name that differs only in capitals is another one: to match less is the safe side.
func (s Subject) Is(cert *x509.Certificate) bool {
	var seq pkix.RDNSequence
	if rest, err := asn1.Unmarshal(cert.RawSubject, &seq); err != nil || len(rest) > 0 || len(s.name) == 0 || len(seq) != len(s.name) {
		return false
	}
	for i, set := range seq { // a certificate begins with the most general name
		step := make(relative, 0, len(set))
		for _, a := range set {
			value, ok := a.Value.(string)
			if !ok {
				return false
			}
			step = append(step, attribute{a.Type.String(), value})
		}
		if !slices.Equal(step.sorted(), s.name[len(seq)-1-i]) {
			return false
		}
	}
	return true
}

func (r relative) sorted() relative {
	slices.SortFunc(r, func(a, b attribute) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.value, b.value))
	})
	return r
}

// readSubject reads the text form of a name. It is strict: nothing that RFC 4514 wants escaped may
// stand bare.
func readSubject(text string) (name []relative, err error) {
	if text == "" || len(text) > 1024 || !utf8.ValidString(text) {
		return nil, errSubject
	}
	step := relative{}
	for rest := text; ; {
		a, after, next, err := readAttribute(rest)
		if err != nil {
			return nil, err
		}
		step, rest = append(step, a), next
		if after != '+' {
			name, step = append(name, step.sorted()), relative{}
		}
		if after == 0 {
			return name, nil
		}
	}
}

// readAttribute reads one attribute and tells what follows it: a comma, a plus, or 0 for the end.
func readAttribute(text string) (a attribute, after byte, rest string, err error) {
	kind, value, ok := strings.Cut(text, "=")
	if a.kind = kindOf(kind); !ok || a.kind == "" {
		return a, 0, "", errSubject
	}
	end := 0
	for ; end < len(value) && value[end] != ',' && value[end] != '+'; end++ {
		if value[end] == '\\' {
			end++
		}
	}
	end = min(end, len(value))
	if a.value, ok = unescape(value[:end]); !ok {
		return a, 0, "", errSubject
	}
	if end == len(value) {
		return a, 0, "", nil
	}
	return a, value[end], value[end+1:], nil
}

// kindOf gives the object identifier of an attribute type, "" for none.
func kindOf(kind string) string {
	if oid, ok := attributeKinds[strings.ToUpper(kind)]; ok {
		return oid
	}
	if oid, err := x509.ParseOID(kind); err == nil {
		return oid.String()
	}
	return ""
}

// unescape reads the value of an attribute (RFC 4514 §2.4 and §3).
func unescape(text string) (string, bool) {
	if strings.HasPrefix(text, "#") { // the value as it is encoded
		raw, err := hex.DecodeString(text[1:])
		var value any
		rest, err2 := asn1.Unmarshal(raw, &value)
		s, ok := value.(string)
		return s, err == nil && err2 == nil && len(rest) == 0 && ok && s != ""
	}
	if text == "" || text[0] == ' ' || strings.HasSuffix(text, " ") && !strings.HasSuffix(text, `\ `) {
		return "", false
	}
	var out []byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case strings.IndexByte("\"+,;<>\x00", c) >= 0:
			return "", false
		case c != '\\':
			out = append(out, c)
			continue
		}
		if i++; i < len(text) && strings.IndexByte(` "#+,;<=>\`, text[i]) >= 0 {
			out = append(out, text[i])
			continue
		}
		if i+1 >= len(text) {
			return "", false
		}
		raw, err := hex.DecodeString(text[i : i+2])
		if err != nil {
			return "", false
		}
		out = append(out, raw...)
		i++
	}
	return string(out), utf8.Valid(out)
}
