package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Link is an event as it stands in the chain (domain.md row 39). Detail is the stored text,
// so that no reading and writing of JSON lies between an event and its digest.
type Link struct {
	Seq    int64  `json:"seq"` // 1, 2, … without a gap
	Prev   string `json:"prev"`
	ID     string `json:"id"`
	At     int64  `json:"at"` // microseconds UTC
	Actor  string `json:"actor"`
	Of     string `json:"subject"`
	Action string `json:"action"`
	Object string `json:"object"`
	Detail string `json:"detail"`
}

// Digest is SHA-256 over the link's JSON, in hex. It covers the digest before it, so that
// whoever knows one digest of the chain knows everything that led to it.
func (l Link) Digest() string {
	raw, err := json.Marshal(l)
	if err != nil {
		panic(err) // numbers and texts alone
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Anchor is a place in the chain that somebody wrote down: its number and its digest.
type Anchor struct {
	Seq    int64
	Digest string
}

// String is how an anchor is written down, "17:ab12…".
func (a Anchor) String() string { return fmt.Sprintf("%d:%s", a.Seq, a.Digest) }

// ParseAnchor reads what String wrote.
func ParseAnchor(text string) (a Anchor, err error) {
	_, digest, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(digest)
	if err != nil || len(raw) != sha256.Size {
		return a, fmt.Errorf("audit: %q is no anchor: it must be NUMBER:DIGEST", text)
	}
	if _, err := fmt.Sscanf(text, "%d:", &a.Seq); err != nil || a.Seq < 1 {
		return a, fmt.Errorf("audit: %q is no anchor: it must be NUMBER:DIGEST", text)
	}
	a.Digest = strings.ToLower(digest)
	return a, nil
}

// Verifier holds a chain against its digests, one link after the other. The zero value
// stands before the first.
type Verifier struct {
	Known []Anchor // places that must be in the chain
	At    Anchor   // the last link that held
}

// Add takes the next link with the digest that is stored beside it.
func (v *Verifier) Add(l Link, stored string) error {
	if l.Seq != v.At.Seq+1 {
		return fmt.Errorf("audit: event %d follows event %d: something was removed or put in between", l.Seq, v.At.Seq)
	}
	l.Prev = v.At.Digest
	digest := l.Digest()
	if digest != stored {
		return fmt.Errorf("audit: event %d (%s) is not what was written, or not in its place", l.Seq, l.ID)
	}
	for _, a := range v.Known {
		if a.Seq == l.Seq && a.Digest != digest {
			return fmt.Errorf("audit: event %d is not the one that was noted: the chain was written anew", l.Seq)
		}
	}
	v.At = Anchor{l.Seq, digest}
	return nil
}

// End says whether the chain ends where the store says, and not before a known place.
func (v *Verifier) End(head Anchor) error {
	if v.At != head {
		return fmt.Errorf("audit: the chain ends at event %d, and should at %d", v.At.Seq, head.Seq)
	}
	for _, a := range v.Known {
		if a.Seq > head.Seq {
			return fmt.Errorf("audit: event %d was noted, and the chain ends at %d: its end was removed", a.Seq, head.Seq)
		}
	}
	return nil
}
