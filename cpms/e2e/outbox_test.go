package e2e

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// letter is a mail or a text message as the development outbox shows it.
type letter struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Links   []string  `json:"links"`
	At      time.Time `json:"at"`
}

// letters gives what arrived for one address or number, newest first.
func (s *system) letters(to string) []letter {
	s.t.Helper()
	raw, err := get(s.t.Context(), s.idp.url+"/dev/outbox.json?to="+url.QueryEscape(to))
	if err != nil {
		return nil
	}
	var list []letter
	if err := json.Unmarshal(raw, &list); err != nil {
		s.t.Fatalf("outbox: %v\n%s", err, raw)
	}
	return list
}

// await waits for a letter whose text or subject contains what, at most a minute.
func (s *system) await(to, what string) letter {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		for _, l := range s.letters(to) {
			if strings.Contains(l.Subject+"\n"+l.Text, what) {
				return l
			}
		}
	}
	s.t.Fatalf("no letter with %q for %s within a minute; there are %d", what, to, len(s.letters(to)))
	return letter{}
}

// count says how many letters for an address contain what.
func (s *system) count(to, what string) (n int) {
	for _, l := range s.letters(to) {
		if strings.Contains(l.Subject+"\n"+l.Text, what) {
			n++
		}
	}
	return n
}

// link finds the link of a letter whose path contains part.
func (l letter) link(t *testing.T, part string) string {
	t.Helper()
	for _, u := range append(l.Links, regexp.MustCompile(`https?://\S+`).FindAllString(l.Text, -1)...) {
		if strings.Contains(u, part) {
			return u
		}
	}
	t.Fatalf("no link with %q in:\n%s", part, l.Text)
	return ""
}

// code finds a code of the given shape in a letter.
func (l letter) code(t *testing.T, shape string) string {
	t.Helper()
	c := regexp.MustCompile(shape).FindString(l.Text)
	if c == "" {
		t.Fatalf("no code like %s in:\n%s", shape, l.Text)
	}
	return c
}
