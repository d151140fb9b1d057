package password

import (
	"fmt"
	"io"
)

// sampleAlphabet leaves out what is easily mistaken on paper: 0 O, 1 I l, and quotes.
const sampleAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#$%&()*+-/:;=?@^_~"

// sample draws one password that meets the rule: a little longer than the guide's own
// examples, because nobody needs to invent it.
func (r Rule) sample(random io.Reader) string {
	n := max(12, r.MinLength+1)
	for {
		s := draw(random, n)
		if groups(s) >= max(r.Groups, 3) && r.Check(s, About{}) == nil {
			return s
		}
	}
}

// draw picks n characters, each equally likely.
func draw(random io.Reader, n int) string {
	const fair = 256 / len(sampleAlphabet) * len(sampleAlphabet) // above it the remainder would favour some
	out := make([]byte, 0, n)
	buf := make([]byte, 2*n)
	for len(out) < n {
		_, err := io.ReadFull(random, buf)
		if err != nil {
			panic(fmt.Sprintf("password: random source: %v", err))
		}
		for _, b := range buf {
			if int(b) < fair && len(out) < n {
				out = append(out, sampleAlphabet[int(b)%len(sampleAlphabet)])
			}
		}
	}
	return string(out)
}
