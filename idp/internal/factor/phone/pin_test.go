package phone

import (
	"strings"
	"testing"
	"unicode/utf8"

	"eulogin.example/idp/internal/factor"
)

func TestPINRules(t *testing.T) {
	for pin, want := range map[string]string{
		"4711": "", "80513": "", "907264": "", "0815": "",
		"": "devices.pin.shape", "471": "devices.pin.shape", "4711081": "devices.pin.shape", "47a1": "devices.pin.shape",
		" 4711": "devices.pin.shape", "٤٧١١": "devices.pin.shape", "-471": "devices.pin.shape",
		"1234": "devices.pin.common", "0000": "devices.pin.common", "9999": "devices.pin.common", "4321": "devices.pin.common",
		"0123": "devices.pin.common", "7890": "devices.pin.common", "0987": "devices.pin.common", "123456": "devices.pin.common",
		"1212": "devices.pin.common", "696969": "devices.pin.common", "123123": "devices.pin.common", "2580": "devices.pin.common",
		"112233": "devices.pin.common",
	} {
		if got := pinFault(pin); got != want {
			t.Errorf("%q: got %q want %q", pin, got, want)
		}
	}
}

func TestPINRefusesLittle(t *testing.T) {
	refused := 0
	for n := range 10000 {
		pin := strings.Repeat("0", 4)
		for i, d := 3, n; i >= 0; i, d = i-1, d/10 {
			pin = pin[:i] + string(rune('0'+d%10)) + pin[i+1:]
		}
		if pinFault(pin) != "" {
			refused++
		}
	}
	if refused < 100 || refused > 200 {
		t.Fatalf("%d of 10000 four-digit PINs are refused", refused)
	}
}

func FuzzClip(f *testing.F) {
	f.Add("Android 15\n· Chrome")
	f.Add("\u202e\xff")
	f.Fuzz(func(t *testing.T, told string) {
		got := cleanSystem(told)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > MaxSystem || strings.ContainsFunc(got, factor.Unseen) || strings.Contains(got, "\n") {
			t.Fatalf("%q became %q", told, got)
		}
	})
}
