package qr_test

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/skip2/go-qrcode"

	"eulogin.example/idp/internal/web/qr"
)

var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`)

// The path paints exactly the dark modules of the code.
func TestThePathIsTheCode(t *testing.T) {
	const text = "otpauth://totp/EU%20Login:anna@example.org?secret=JBSWY3DPEHPK3PXP&issuer=EU%20Login"
	got, err := qr.Draw(text)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	want := code.Bitmap()
	painted := make([][]bool, got.Size)
	for y := range painted {
		painted[y] = make([]bool, got.Size)
	}
	for _, m := range run.FindAllStringSubmatch(got.Path, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		n, _ := strconv.Atoi(m[3])
		for i := range n {
			painted[y][x+i] = true
		}
	}
	if len(want) != got.Size {
		t.Fatalf("size %d, want %d", got.Size, len(want))
	}
	for y := range want {
		for x := range want[y] {
			if want[y][x] != painted[y][x] {
				t.Fatalf("module %d,%d is %v", x, y, painted[y][x])
			}
		}
	}
}

func TestTooMuchTextIsAnError(t *testing.T) {
	if _, err := qr.Draw(string(make([]byte, 5000))); err == nil {
		t.Error("5,000 bytes fit into a QR code")
	}
}
