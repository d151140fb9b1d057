package phone

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"
)

func TestStatementIsTheDocumentedText(t *testing.T) {
	seen := Shown{ID: "0123456789abcdefghjkmnpqrs", Client: "CPMS 2.0", Browser: "Firefox, Linux", Address: "192.0.2.7", CreatedAt: time.Unix(1795435199, 999)}
	a := Answer{Decision: Approve, Number: "42", PIN: "4711", At: time.Unix(1795435200, 999)}
	want := "eulogin-app-answer/2\nhttps://login.test\ndevice\n0123456789abcdefghjkmnpqrs\nCPMS 2.0\nFirefox, Linux\n192.0.2.7\n1795435199\napprove\n42\npin\n1795435200\n"
	if got := string(Statement("https://login.test", "device", seen, a)); got != want {
		t.Errorf("got %q", got)
	}
	a.Decision, a.Number, a.PIN = NotMe, "", ""
	if got := string(Statement("https://login.test", "device", seen, a)); !strings.Contains(got, "\nnot_me\n-\n-\n") {
		t.Errorf("got %q", got)
	}
}

func TestAnswersMustBeWellFormed(t *testing.T) {
	for name, c := range map[string]struct {
		a    Answer
		want bool
	}{
		"approve":           {Answer{Decision: Approve, Number: "42", PIN: "4711"}, true},
		"six digits":        {Answer{Decision: Approve, Number: "42", PIN: "471108"}, true},
		"deny":              {Answer{Decision: Deny}, true},
		"not me":            {Answer{Decision: NotMe}, true},
		"no decision":       {Answer{}, false},
		"other decision":    {Answer{Decision: "approved", Number: "42", PIN: "4711"}, false},
		"no number":         {Answer{Decision: Approve, PIN: "4711"}, false},
		"long number":       {Answer{Decision: Approve, Number: "042", PIN: "4711"}, false},
		"line break":        {Answer{Decision: Approve, Number: "4\n", PIN: "4711"}, false},
		"short PIN":         {Answer{Decision: Approve, Number: "42", PIN: "471"}, false},
		"huge PIN":          {Answer{Decision: Approve, Number: "42", PIN: strings.Repeat("1", 1000)}, false},
		"deny with a PIN":   {Answer{Decision: Deny, PIN: "4711"}, false},
		"deny with number":  {Answer{Decision: Deny, Number: "42"}, false},
		"letters in number": {Answer{Decision: Approve, Number: "4x", PIN: "4711"}, false},
	} {
		if got := c.a.wellFormed(); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestNumbersAreTwoDigitsAndEven(t *testing.T) {
	seen := map[string]int{}
	for range 9000 {
		seen[twoDigits(rand.Reader)]++
	}
	if len(seen) != 90 {
		t.Errorf("%d different numbers, not 90", len(seen))
	}
	for n, times := range seen {
		if len(n) != 2 || n < "10" || times < 40 || times > 180 {
			t.Errorf("%q came %d times", n, times)
		}
	}
}

func TestIDs(t *testing.T) {
	for id, want := range map[string]bool{
		"0123456789abcdefghjkmnpqrs": true, "": false, "0123456789abcdefghjkmnpqr": false, "0123456789ABCDEFGHJKMNPQRS": false,
		"0123456789abcdefghjkmnpqri": false, "../../../../../etc/passwd0": false, "0123456789abcdefghjkmnpq:s": false,
	} {
		if IsID(id) != want {
			t.Errorf("%q: %v", id, !want)
		}
	}
}
