package devices

import (
	"strconv"
	"strings"

	"github.com/skip2/go-qrcode"
)

// qr is a QR code as one path for an SVG image of Size × Size modules, quiet zone included.
type qr struct {
	Size int
	Path string
}

// draw makes the QR code of a text, with enough error correction for a screen.
func draw(text string) (qr, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return qr{}, err
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
	return qr{Size: len(bitmap), Path: path.String()}, nil
}
