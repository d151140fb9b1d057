package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every test that a document names exists somewhere in the three modules.
func TestDocumentsNameTestsThatExist(t *testing.T) {
	have := map[string]bool{}
	for _, module := range []string{"idp", "cpms", "proto"} {
		err := filepath.WalkDir(filepath.Join("../../..", module), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			raw, err := os.ReadFile(path)
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+|Fuzz\w+)\(`).FindAllStringSubmatch(string(raw), -1) {
				have[m[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	named := 0
	for _, doc := range []string{"security-cases.md", "oidc.md", "typed-codes.md", "rfc10027.md"} {
		raw, err := os.ReadFile(filepath.Join("../../docs", doc))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(raw), -1) {
			named++
			if !have[m[1]] {
				t.Errorf("%s names %s, which is no test", doc, m[1])
			}
		}
	}
	if named < 60 {
		t.Errorf("only %d tests are named", named)
	}
}
