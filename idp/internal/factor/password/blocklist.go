package password

import (
	_ "embed"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
)

//go:embed blocklist.txt
var blocklistFile string

var blocklist = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(blocklistFile) {
		words[w] = true
	}
	return words
}()

// serviceWords are the names of this service and of those behind it.
var serviceWords = []string{"eulogin", "ecas", "cpms", "europa", "european", "commission", "webgate", "login"}

// unleet undoes the replacements that every guessing program tries.
var unleet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// common reports whether a password, or what remains of it without the usual decoration,
// is one that many people use.
func common(plain string) bool {
	folded := cases.Fold().String(plain)
	bare := strings.TrimFunc(folded, decoration)
	undressed := strings.TrimRightFunc(folded, decoration)
	for _, s := range []string{folded, bare, unleet.Replace(folded), unleet.Replace(undressed), unleet.Replace(bare)} {
		if blocklist[s] || blocklist[strings.ReplaceAll(s, " ", "")] {
			return true
		}
	}
	return false
}

// decoration is what people put around a word to satisfy a rule.
func decoration(r rune) bool { return !unicode.IsLetter(r) }

// personal reports whether hardly anything remains when the person's name, address and
// the service's names are taken out.
func personal(plain string, about About) bool {
	rest := cases.Fold().String(plain)
	found := false
	for _, w := range words(about) {
		if strings.Contains(rest, w) {
			rest, found = strings.ReplaceAll(rest, w, ""), true
		}
	}
	return found && len([]rune(strings.TrimFunc(rest, decoration))) < 5
}

// words lists what is known of the person, longest parts first.
func words(about About) []string {
	email := cases.Fold().String(about.Email)
	out := []string{email}
	local, domain, _ := strings.Cut(email, "@")
	out = append(out, local)
	for _, name := range []string{about.GivenName, about.FamilyName} {
		out = append(out, cases.Fold().String(canonical(name)))
	}
	out = append(out, strings.FieldsFunc(local+" "+domain, func(r rune) bool { return strings.ContainsRune(" .-_+", r) })...)
	out = append(out, serviceWords...)
	kept := out[:0]
	for _, w := range out {
		if len([]rune(w)) >= 3 {
			kept = append(kept, w)
		}
	}
	return kept
}
