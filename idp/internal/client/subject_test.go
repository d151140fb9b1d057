package client

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"
)

// certificate gives one of this name, the most general step first.
func certificate(t testing.TB, steps ...pkix.RelativeDistinguishedNameSET) *x509.Certificate {
	t.Helper()
	raw, err := asn1.Marshal(pkix.RDNSequence(steps))
	if err != nil {
		t.Fatal(err)
	}
	return &x509.Certificate{RawSubject: raw}
}

func step(pairs ...string) (set pkix.RelativeDistinguishedNameSET) {
	for i := 0; i < len(pairs); i += 2 {
		oid, err := x509.ParseOID(attributeKinds[pairs[i]])
		if err != nil {
			panic(err)
		}
		var kind asn1.ObjectIdentifier
		for _, part := range strings.Split(oid.String(), ".") {
			n := 0
			for _, d := range part {
				n = n*10 + int(d-'0')
			}
			kind = append(kind, n)
		}
		set = append(set, pkix.AttributeTypeAndValue{Type: kind, Value: pairs[i+1]})
	}
	return set
}

// A subject is the registered name, the whole of it, and no other.
func TestSubjectsOfCertificates(t *testing.T) {
	cert := certificate(t, step("C", "EU"), step("O", `Ex"a, +b`), step("CN", "rp", "UID", "7"))
	for text, want := range map[string]bool{
		`CN=rp+UID=7,O=Ex\"a\, \+b,C=EU`:             true,
		`UID=7+CN=rp,O=Ex\22a\2C \2bb,C=EU`:          true,
		`2.5.4.3=rp+uid=7,o=Ex\"a\, \+b,c=EU`:        true,
		`CN=#0C027270+UID=7,O=Ex\"a\, \+b,C=EU`:      true,
		`CN=rp,UID=7,O=Ex\"a\, \+b,C=EU`:             false,
		`CN=rp+UID=7,O=Ex\"a\, \+b`:                  false,
		`C=EU,O=Ex\"a\, \+b,CN=rp+UID=7`:             false,
		`CN=RP+UID=7,O=Ex\"a\, \+b,C=EU`:             false,
		`CN=rp+UID=7,O=Ex\"a\, \+b,C=EU,CN=x`:        false,
		`CN=rp`:                                      false,
		`O=Ex\"a\, \+b,CN=rp`:                        false,
		``:                                           false,
		`CN=rp\+UID\=7,O=Ex\"a\, \+b,C=EU`:           false,
		`CN=rp+UID=7+UID=7,O=Ex\"a\, \+b,C=EU`:       false,
		`CN=rp+UID=7,O=Ex\"a\, \+b\,C\=EU`:           false,
		`OU=rp+UID=7,O=Ex\"a\, \+b,C=EU`:             false,
		`CN=rp+UID=7,O=Ex\"a\, \+b,C=EU` + "\x00":    false,
		`CN=rp+UID=7, O=Ex\"a\, \+b, C=EU`:           false,
		`/C=EU/O=Ex"a, +b/CN=rp`:                     false,
		`CN=#0C02727000+UID=7,O=Ex\"a\, \+b,C=EU`:    false,
		`CN=#zz+UID=7,O=Ex\"a\, \+b,C=EU`:            false,
		`CN=rp+UID=7,O=Ex\"a\, \+b,C=EU\`:            false,
		`CN=rp+UID=7,O=Ex\"a\, \+b,C=E\zz`:           false,
		`CN=rp+UID=7,O=Ex\"a\, \+b,C=\ff`:            false,
		strings.Repeat("CN=rp,", 300) + "C=EU":       false,
		`CN=rp+UID=7,O=Ex"a\, \+b,C=EU`:              false,
		`CN=rp+UID=7,O=Ex\"a\, \+b,C=EU `:            false,
		`CN= rp+UID=7,O=Ex\"a\, \+b,C=EU`:            false,
		`NOSUCHTYPE=rp+UID=7,O=Ex\"a\, \+b,C=EU`:     false,
		`CN=rp+UID=7,O=Ex\"a\, \+b,C=EU,`:            false,
		`CN=rp++UID=7,O=Ex\"a\, \+b,C=EU`:            false,
		`CN=rp+UID=7,O=Ex\"a\, \+b,C=` + "\xff":      false,
		`CN=rp+UID=7,O=Ex\"a\, \+b,C=EU;CN=x`:        false,
		`CN=#040272700A+UID=7,O=Ex\"a\, \+b,C=EU`:    false,
		`CN=` + `rp+UID=7,O=Ex\"a\, \+b,C=EU` + `,=`: false,
	} {
		var s Subject
		_ = s.UnmarshalText([]byte(text))
		if got := s.Is(cert); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	var s Subject
	_ = s.UnmarshalText([]byte("CN=rp"))
	if s.Is(&x509.Certificate{RawSubject: []byte("nonsense")}) || s.Is(certificate(t)) || !s.Is(certificate(t, step("CN", "rp"))) {
		t.Error("names of other certificates")
	}
	numbers := certificate(t, pkix.RelativeDistinguishedNameSET{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: 7}})
	_ = s.UnmarshalText([]byte("CN=7"))
	if s.Is(numbers) {
		t.Error("a number is no text")
	}
}

// Whatever is registered, a name is read so that it is one certificate's, and another's only if that says
// the same.
func FuzzSubject(f *testing.F) {
	for _, s := range []string{`CN=rp+UID=7,O=Ex\"a\, \+b,C=EU`, `2.5.4.97=VATEU-1,CN=\ff`, `CN=#0C027270`, `CN=\`, `=,+`, `CN=a\ `} {
		f.Add(s, "rp")
	}
	f.Fuzz(func(t *testing.T, text, cn string) {
		name, err := readSubject(text)
		if err != nil {
			return
		}
		for _, step := range name {
			for _, a := range step {
				if _, err := x509.ParseOID(a.kind); err != nil || a.value == "" {
					t.Fatalf("%q: %q", text, name)
				}
			}
		}
		raw, err := asn1.Marshal(pkix.RDNSequence{{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: cn}}})
		if err != nil {
			return
		}
		s := Subject{text, name}
		if s.Is(&x509.Certificate{RawSubject: raw}) && (len(name) != 1 || len(name[0]) != 1 || name[0][0] != (attribute{"2.5.4.3", cn})) {
			t.Fatalf("%q is CN %q", text, cn)
		}
	})
}
