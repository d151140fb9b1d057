package e2e

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const camWidth, camHeight, camFrames = 640, 480, 10

// film turns a picture of the QR code on the computer's screen into what a phone's camera
// sees: a short YUV film with the code in the middle of a light desk.
func film(t *testing.T, shot []byte) string {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	luma := bytes.Repeat([]byte{200}, camWidth*camHeight)
	b := img.Bounds()
	side := camHeight - 60
	for y := range side {
		for x := range side {
			src := image.Pt(b.Min.X+x*b.Dx()/side, b.Min.Y+y*b.Dy()/side)
			r, g, bl, _ := img.At(src.X, src.Y).RGBA()
			luma[(y+30)*camWidth+x+(camWidth-side)/2] = byte((r*299 + g*587 + bl*114) / 1000 >> 8)
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n", camWidth, camHeight)
	grey := bytes.Repeat([]byte{128}, camWidth*camHeight/2)
	for range camFrames {
		out.WriteString("FRAME\n")
		out.Write(luma)
		out.Write(grey)
	}
	file := filepath.Join(t.TempDir(), "camera.y4m")
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// shoot photographs the first element that matches.
func (b *browser) shoot(selector string) []byte {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	shot, err := chromedp.Run(ctx, chromedp.Screenshot(selector))
	if err != nil {
		b.t.Fatalf("photograph %s: %v", selector, err)
	}
	return shot
}

// withCamera gives the flags of a browser whose camera plays a film.
func withCamera(file string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", file), chromedp.WindowSize(390, 844),
	}
}
