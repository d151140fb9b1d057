package appapi_test

import (
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
		phone.ErrRequestDead, phone.ErrAnswer, phone.ErrStatement, phone.ErrOtherBrowser, phone.ErrPINWeak, phone.ErrPINChanged, appapi.ErrUnsigned, appapi.ErrClock, appapi.ErrReplayed, appapi.ErrBody,
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
	example := string(phone.Statement("https://login.example.org", "CPMS 2.0", phone.Answer{
		RequestID: "0123456789abcdefghjkmnpqrs", Decision: phone.Approve, Number: "42", At: time.Unix(1795435215, 0),
	}))
	if want := "    " + strings.ReplaceAll(strings.TrimSuffix(example, "\n"), "\n", "\n    ") + "\n"; !strings.Contains(string(raw), want) {
		t.Errorf("the document does not show the statement\n%s", want)
	}
}
