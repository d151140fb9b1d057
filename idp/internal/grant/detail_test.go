package grant_test

import (
	"encoding/json"
	"testing"

	"eulogin.example/idp/internal/grant"
)

func TestDetailsOnlyNarrow(t *testing.T) {
	read := func(raw string) (d grant.Detail) {
		must(t, json.Unmarshal([]byte(raw), &d))
		return d
	}
	all := read(`{"type":"grant","system":"CPMS","actions":["read","write"],"days":30}`)
	for raw, within := range map[string]bool{
		`{"type":"grant","system":"CPMS","actions":["read","write"],"days":30}`:      true,
		`{"type":"grant","system":"CPMS","actions":["write"],"days":30}`:             true,
		`{"type":"grant","system":"CPMS","actions":["write","read"],"days":30}`:      true,
		`{"type":"grant","system":"CPMS","actions":["write","delete"],"days":30}`:    false,
		`{"type":"grant","system":"CPMS","actions":[],"days":30}`:                    false,
		`{"type":"grant","system":"CPMS","days":30}`:                                 false,
		`{"type":"grant","actions":["read"],"days":30}`:                              false,
		`{"type":"grant","system":"CPMS","actions":["read"],"days":29}`:              false,
		`{"type":"grant","system":"cpms","actions":["read"],"days":30}`:              false,
		`{"type":"other","system":"CPMS","actions":["read"],"days":30}`:              false,
		`{"type":"grant","system":"CPMS","actions":["read"],"day":30}`:               false,
		`{"type":"grant","system":"CPMS","actions":["read"],"days":30,"more":["x"]}`: false,
		`{"type":"grant","system":["CPMS"],"actions":["read"],"days":30}`:            false,
		`{"type":"grant","system":"CPMS","actions":"read","days":30}`:                false,
		`{}`: false,
	} {
		if got := read(raw).Within(all); got != within {
			t.Errorf("%s: %v", raw, got)
		}
	}
}
