package wire

import (
	"strings"
	"testing"
	"time"
)

// After a break a call that may be repeated waits for the connection instead of failing, and the
// pause before connecting again is shorter than the shortest deadline (1 s).
func TestACallRightAfterTheOtherSideCameBackWaits(t *testing.T) {
	if !strings.Contains(serviceConfig(), `"waitForReady": true`) {
		t.Error(serviceConfig())
	}
	if jittered := maxPause + maxPause/5; jittered >= time.Second {
		t.Errorf("the pause may take %v", jittered)
	}
}
