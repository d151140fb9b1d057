package client

import (
	"slices"
	"testing"
)

// Whether a client may register a member by itself is decided for each: nothing that gives it more than it
// should have comes in unseen.
func TestWhoRegistersAMemberIsDecided(t *testing.T) {
	for _, m := range Members {
		_, operators := operatorsOnly[m]
		if self := slices.Contains(SelfRegistered, m); self == operators {
			t.Errorf("%s: a client may register it by itself: %v; operators only: %v (say so in self.go)", m, self, operators)
		}
	}
}
