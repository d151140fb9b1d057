package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// verifyReceipt runs `cpms verify-receipt` on a receipt that was downloaded, on a computer
// that knows nothing of this cpms.
func (s *system) verifyReceipt(token []byte, keys string) (string, error) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "decision.jws")
	if err := os.WriteFile(file, token, 0o600); err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(s.cpms.bin, "verify-receipt", file, keys)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// A receipt that the requester downloads is genuine with the published keys, from the network
// or from a file; a forged one is not, and nobody else reads it.
func TestReceiptsThatAnybodyCanCheck(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("receipt")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	s.enterCPMS()
	s.completeProfile()
	s.submitRequest()
	s.decide(newHTTPVisitor(t))
	v := s.v.(*httpVisitor)
	v.open(sys.cpms.url + "/screen/home")
	v.press("ERN-EYE")
	v.sees("Signed receipts")
	token := v.download("Receipt of the decision")
	keys, err := get(t.Context(), sys.cpms.url+"/.well-known/cpms-receipt-keys")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, keys, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{sys.cpms.url, file} {
		if out, err := sys.verifyReceipt(token, from); err != nil || !strings.Contains(out, "genuine") || !strings.Contains(out, "approve") {
			t.Errorf("with keys of %s: %v %s", from, err, out)
		}
	}
	forged := append([]byte(nil), token...)
	forged[len(forged)/2] ^= 1
	if out, err := sys.verifyReceipt(forged, file); err == nil || strings.Contains(out, "genuine") {
		t.Errorf("a forged receipt: %s", out)
	}
	stranger := newHTTPVisitor(t)
	stranger.open(v.href("Receipt of the decision"))
	stranger.sees("E-mail address") // not signed in: to idp
}
