// Package qr draws QR codes for pages: as one path of an SVG image, which needs no script and
// no picture of another address.
package qr

import (
	"strconv"
	"strings"

	"github.com/skip2/go-qrcode"
)

// Code is a QR code as one path for an SVG image of Size × Size modules, quiet zone included.
type Code struct {
	Size int
	Path string
}

// Draw makes the QR code of a text, with enough error correction for a screen.
func Draw(text string) (Code, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return Code{}, err
	}
	bitmap := code.Bitmap()
	var path strings.Builder
	for y, row := range bitmap {
		for x := 0; x < len(row); x++ {
			run := 0
			for x+run < len(row) && row[x+run] {
				run++
			}
			if run > 0 {
				n := strconv.Itoa(run)
				path.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h" + n + "v1h-" + n + "z")
				x += run
			}
		}
	}
	return Code{Size: len(bitmap), Path: path.String()}, nil
}
