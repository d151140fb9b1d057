package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clinician is who walks the journey.
type clinician struct {
	given, family, email, password, number, pin string
}

func anna(tag string) clinician {
	return clinician{
		given: "Anna", family: "Kovářová", email: "anna." + strings.ToLower(tag) + "@hospital.example",
		password: "Twelve-Tulips 26", number: "+32 470 12 34 " + tagDigits(tag), pin: "4711",
	}
}

// tagDigits gives two digits that differ between stories.
func tagDigits(tag string) string {
	n := 10
	for _, r := range tag {
		n += int(r)
	}
	return string(rune('0'+n/10%10)) + string(rune('0'+n%10))
}

// coordinator is one of the two that the development profile makes ready.
type coordinator struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	PIN      string `json:"pin"`
	Phone    string `json:"phone"` // phonesim state file
}

// coordinatorOf reads what idp wrote for the first five minutes: who may decide, and the
// phone that belongs to them.
func (s *system) coordinatorOf(t *testing.T, name string) (coordinator, *simPhone) {
	t.Helper()
	var raw []byte
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if raw, err = os.ReadFile(filepath.Join(s.dir, "idp", "coordinators.json")); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]coordinator
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	c, ok := all[name]
	if !ok {
		t.Fatalf("no coordinator %q in %s", name, raw)
	}
	p := newSimPhone(t)
	p.state = c.Phone
	return c, p
}
