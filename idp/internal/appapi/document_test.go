package appapi_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/appapi"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/proto/kit/fault"
)

// The document is what others write apps from: its table of codes is the code's.
func TestTheDocumentNamesEveryCode(t *testing.T) {
	raw, err := os.ReadFile("../../docs/app-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(phone\\.[a-z_]+)` \\| (\\d{3}) \\|").FindAllStringSubmatch(string(raw), -1) {
		documented[m[1]] = m[2]
	}
	for _, e := range []*fault.Error{
		phone.ErrCodeUnknown, phone.ErrCodeUsed, phone.ErrCodeDead, phone.ErrPINWrong, phone.ErrNumberWrong, phone.ErrDeviceDisabled,
		phone.ErrDeviceUnknown, phone.ErrDeviceExists, phone.ErrKey, phone.ErrRequestUnknown, phone.ErrRequestExpired, phone.ErrRequestDecided,
		phone.ErrRequestDead, phone.ErrAnswer, phone.ErrStatement, phone.ErrOtherBrowser, phone.ErrBiometricsWrong, phone.ErrBiometricsOff, phone.ErrWakeOff, phone.ErrWakeTarget, phone.ErrPINWeak, phone.ErrPINChanged, appapi.ErrUnsigned, appapi.ErrClock, appapi.ErrReplayed, appapi.ErrBody,
		appapi.ErrCrossOrigin, appapi.ErrNoCall,
	} {
		if want := fmt.Sprint(fault.HTTPStatus(e)); documented[e.Code] != want {
			t.Errorf("%s: status %q in the document, %s in the code", e.Code, documented[e.Code], want)
		}
		delete(documented, e.Code)
	}
	if len(documented) > 0 {
		t.Errorf("only in the document: %v", documented)
	}
	seen := phone.Shown{ID: "0123456789abcdefghjkmnpqrs", Client: "CPMS 2.0", Browser: "Firefox, Windows", Address: "192.0.2.7", CreatedAt: time.Unix(1795435200, 0)}
	at := time.Unix(1795435215, 0)
	for _, example := range [][]byte{
		phone.Statement("https://login.example.org", "zyxwvtsrqpnmkjhgfedcba9876", seen, phone.Answer{Decision: phone.Approve, Number: "42", PIN: "4711", At: at}),
		phone.Statement("https://login.example.org", "zyxwvtsrqpnmkjhgfedcba9876", seen, phone.Answer{Decision: phone.NotMe, At: at}),
		phone.Statement("https://login.example.org", "zyxwvtsrqpnmkjhgfedcba9876", seen, phone.Answer{Decision: phone.Approve, Number: "42", Assertion: []byte("{}"), At: at}),
		phone.HereStatement("https://login.example.org", "zyxwvtsrqpnmkjhgfedcba9876", seen, phone.ByPIN, at),
	} {
		want := "    " + strings.ReplaceAll(strings.TrimSuffix(string(example), "\n"), "\n", "\n    ") + "\n"
		sum := fmt.Sprintf("`%x`", sha256.Sum256(example))
		if !strings.Contains(string(raw), want) || !strings.Contains(string(raw), sum) {
			t.Errorf("the document does not show the statement\n%s%s", want, sum)
		}
	}
}
