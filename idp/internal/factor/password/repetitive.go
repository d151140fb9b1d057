package password

import (
	"strings"

	"golang.org/x/text/cases"
)

// rows are the sequences that fingers find on their own.
var rows = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"}

// repetitive reports whether a password is little more than one piece repeated or a run
// along the alphabet, the digits or the keyboard.
func repetitive(plain string) bool {
	s := []rune(cases.Fold().String(plain))
	return novel(s) < 5 || periodic(s)
}

// novel counts the characters that do not simply repeat or continue the one before.
func novel(s []rune) int {
	n := 0
	for i := range s {
		if i == 0 || !follows(s[i-1], s[i]) {
			n++
		}
	}
	return n
}

func follows(a, b rune) bool {
	if a == b || b == a+1 || b == a-1 || a == '9' && b == '0' || a == '0' && b == '9' {
		return true
	}
	for _, row := range rows {
		i, j := strings.IndexRune(row, a), strings.IndexRune(row, b)
		if i >= 0 && j >= 0 && (j == i+1 || j == i-1) {
			return true
		}
	}
	return false
}

// periodic reports whether the text is one piece of at most half its length, repeated.
func periodic(s []rune) bool {
	for p := 1; p <= len(s)/2; p++ {
		same := true
		for i := p; i < len(s) && same; i++ {
			same = s[i] == s[i-p]
		}
		if same {
			return true
		}
	}
	return false
}
