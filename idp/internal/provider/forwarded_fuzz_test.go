package provider

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

// Whatever a proxy writes, a certificate is read from base64 between colons, whole, or not at all.
func FuzzForwardedCertificate(f *testing.F) {
	const der = "MIH4MIGgAgEBMAoGCCqGSM49BAMCMA0xCzAJBgNVBAMTAnJwMB4XDTI2MDEwMTAwMDAwMFoXDTI3MDEwMTAwMDAwMFowDTELMAkGA1UEAxMCcnA="
	for _, s := range []string{":" + der + ":", "::", ":", ":AA==:, :AA==:", "AA==", ":AA==:;x=1", ":A A=:", ":" + der} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, leaf, chain string) {
		if raw, ok := byteSequence(leaf); ok && strings.Trim(leaf, " \t") != ":"+base64.StdEncoding.EncodeToString(raw)+":" {
			t.Fatalf("%q", leaf)
		}
		certs, err := forwarded(http.Header{certHeader: {leaf}, chainHeader: {chain}})
		if err != nil {
			return
		}
		if len(certs) == 0 || len(certs) > 1+chainLimit || strings.Trim(leaf, " \t") != ":"+base64.StdEncoding.EncodeToString(certs[0].Raw)+":" {
			t.Fatalf("%q %q: %d", leaf, chain, len(certs))
		}
	})
}
