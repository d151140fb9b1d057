package profile

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestOrpha(t *testing.T) {
	for typed, want := range map[string][]string{"791, 98": {"791", "98"}, "ORPHA:791;98": {"791", "98"}, "orpha:791\n98": {"791", "98"}, "": nil, " \n": nil, ",;": nil} {
		if got, ok := Orpha(typed); !ok || !slices.Equal(got, want) {
			t.Errorf("%q: %v %v", typed, got, ok)
		}
	}
	for _, typed := range []string{"abc", "12345678", "1;DROP", "-1", "１", "ORPHA:", "ORPHA:ORPHA:1", "7 9 x"} {
		if got, ok := Orpha(typed); ok || got != nil {
			t.Errorf("%q was accepted", typed)
		}
	}
}

func FuzzOrpha(f *testing.F) {
	f.Add("791, 98")
	f.Add("ORPHA:1;2")
	f.Add("ı ORPHA:\xff")
	f.Fuzz(func(t *testing.T, typed string) {
		codes, ok := Orpha(typed)
		if !ok && codes != nil {
			t.Fatalf("%q: refused and given", typed)
		}
		for _, c := range codes {
			if len(c) < 1 || len(c) > 7 || strings.Trim(c, "0123456789") != "" {
				t.Fatalf("%q gives %q", typed, c)
			}
		}
		if again, ok2 := Orpha(strings.Join(codes, " ")); ok && (!ok2 || !slices.Equal(again, codes)) {
			t.Fatalf("%q: %v, then %v", typed, codes, again)
		}
	})
}

// Whatever is kept as a draft can be stored, mailed and shown.
func FuzzFits(f *testing.F) {
	f.Add("Dr", "a@b.eu", "+32 2 123 45 67", "Ophthalmology", "RIZIV 1-23", "two\nlines")
	f.Add("\u202eDr", "a@b.eu\n", "+1\n2345678", "\x00", "\xff", "\x00")
	f.Fuzz(func(t *testing.T, title, email, phone, specialty, number, expertise string) {
		one, two := Page1{Title: title, ProfessionalEmail: email, Phone: phone}, Page2{Specialty: specialty, RegistrationNumber: number, Expertise: expertise}
		one.Tidy()
		two.Tidy()
		line := one.Title + one.ProfessionalEmail + one.Phone
		if one.Fits() == nil && (!utf8.ValidString(line) || strings.ContainsAny(line, "\r\n\x00")) {
			t.Fatalf("%+v", one)
		}
		line = two.Specialty + two.RegistrationNumber
		if two.Fits() == nil && (!utf8.ValidString(line+two.Expertise) || strings.ContainsAny(line, "\r\n") || strings.Contains(line+two.Expertise, "\x00") || utf8.RuneCountInString(two.Specialty) > LineMax) {
			t.Fatalf("%+v", two)
		}
	})
}
