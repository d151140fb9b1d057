package password

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"eulogin.example/proto/kit/fault"
)

// The longest password, in characters and in bytes of UTF-8.
const (
	MaxLength = 128
	MaxBytes  = 1024
)

// Specials are the special characters of the guide's rule, its fourth group.
const Specials = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// ErrRefused says that a new password does not meet the rule; its field "password" tells why.
var ErrRefused = fault.New(fault.Invalid, "password.refused")

// Rule is what a new password must be. In every profile the blocklist applies besides.
type Rule struct {
	Profile   string // guide, eulogin-2024 or nist-63b4
	MinLength int    // characters
	Groups    int    // how many of the four groups must occur; 0: no such rule
}

var rules = []Rule{
	{Profile: "guide", MinLength: 8, Groups: 3},         // the access guide
	{Profile: "eulogin-2024", MinLength: 10, Groups: 4}, // EU Login's rule of 2024
	{Profile: "nist-63b4", MinLength: 15, Groups: 0},    // NIST SP 800-63B-4 §3.1.1.1
}

// RuleOf gives the rule of a profile.
func RuleOf(profile string) (Rule, error) {
	for _, r := range rules {
		if r.Profile == profile {
			return r, nil
		}
	}
	return Rule{}, fmt.Errorf("password profile %q: want guide, eulogin-2024 or nist-63b4", profile)
}

// About is what is known of the person, so that it does not become the password.
type About struct {
	GivenName, FamilyName, Email string
}

// Check gives nil or ErrRefused with the first reason. White space is permitted.
func (r Rule) Check(plain string, about About) error {
	switch {
	case plain == "":
		return refuse("password.error.empty")
	case len(plain) > MaxBytes || utf8.RuneCountInString(plain) > MaxLength:
		return refuse("password.error.long", MaxLength)
	case !utf8.ValidString(plain) || strings.ContainsFunc(plain, unicode.IsControl):
		return refuse("password.error.control")
	}
	plain = canonical(plain)
	switch {
	case utf8.RuneCountInString(plain) < r.MinLength:
		return refuse("password.error.short", r.MinLength)
	case groups(plain) < r.Groups:
		return refuse("password.error.groups", r.Groups)
	case repetitive(plain):
		return refuse("password.error.repetitive")
	case common(plain):
		return refuse("password.error.common")
	case personal(plain, about):
		return refuse("password.error.personal")
	}
	return nil
}

func refuse(key string, args ...any) error { return ErrRefused.WithField("password", key, args...) }

// groups counts how many of the guide's four character groups occur.
func groups(s string) int {
	var n int
	for _, set := range []func(rune) bool{
		func(c rune) bool { return c >= 'A' && c <= 'Z' },
		func(c rune) bool { return c >= 'a' && c <= 'z' },
		func(c rune) bool { return c >= '0' && c <= '9' },
		func(c rune) bool { return strings.ContainsRune(Specials, c) },
	} {
		if strings.ContainsFunc(s, set) {
			n++
		}
	}
	return n
}
