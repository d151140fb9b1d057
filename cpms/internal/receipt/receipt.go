package receipt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Type is the typ of a receipt's header, so that no other token of ours passes for one.
const Type = "cpms-decision-receipt+json"

// Receipt is what is signed. People are named by cpms's ids: a receipt outlives names. The
// fields stand in the order of their JSON names, which makes the encoding canonical (RFC 8785:
// sorted names, no white space, integers; no text here carries a character that the two write
// differently).
type Receipt struct {
	ACR      string `json:"acr"`       // level of the sign-in of the one who decided
	At       string `json:"at"`        // RFC 3339, UTC
	AuthTime string `json:"auth_time"` // when the oldest proof of that sign-in was shown
	By       string `json:"by"`        // who decided
	Decision string `json:"decision"`  // "approve", "first_approval", "ask", "reject"
	For      string `json:"for"`       // the coordinator whose deputy decided, or ""
	Issuer   string `json:"iss"`       // the cpms that decided
	Network  string `json:"network"`
	Request  string `json:"request"`
	Role     string `json:"role"`
	Seen     string `json:"seen"`    // SHA-256 of what was asked, in hex
	Subject  string `json:"subject"` // whose request it is
	Version  int64  `json:"version"` // of the request that was looked at
}

// Stamp is how times stand in receipts.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// canonical is the one encoding that is signed.
func (r Receipt) canonical() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Seen digests the fields that the desk showed, as a JSON list, so that no two lists give the
// same text.
func Seen(fields ...string) string {
	raw, err := json.Marshal(fields)
	if err != nil {
		panic(err) // texts alone
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
