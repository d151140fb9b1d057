// Command mkimage makes a container image from scratch around one static binary, without a
// container engine: the binary, the CA certificates, a user. The same input gives the same
// bytes.
//
//	mkimage -binary bin/idp -name idp -version 1.0.0 -out bin/images/idp.tar
package main

import (
	"archive/tar"
	"bytes"
	"flag"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

const user = "65532" // the customary "nonroot"

func main() {
	log.SetFlags(0)
	binary := flag.String("binary", "", "static binary to pack")
	image := flag.String("name", "", "name of the image and of the binary in it")
	version := flag.String("version", "dev", "tag")
	certs := flag.String("certs", "/etc/ssl/certs/ca-certificates.crt", "CA certificates to pack")
	out := flag.String("out", "", "tar file to write")
	flag.Parse()
	if err := build(*binary, *image, *version, *certs, *out); err != nil {
		log.Fatal(err)
	}
}

func build(binary, image, version, certs, out string) error {
	layer, err := pack(binary, image, certs)
	if err != nil {
		return err
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return err
	}
	img, err = mutate.Config(img, v1.Config{
		Entrypoint: []string{"/" + image}, Cmd: []string{"serve"}, User: user + ":" + user, WorkingDir: "/",
		Env: []string{"SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"},
	})
	if err != nil {
		return err
	}
	tag, err := name.NewTag("eulogin.example/" + image + ":" + version)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	return tarball.WriteToFile(out, tag, img)
}

// pack writes the one layer with fixed times and owners.
func pack(binary, image, certs string) (v1.Layer, error) {
	var buf bytes.Buffer
	tw := tar.NewWriter(&buf)
	exe, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(certs)
	if err != nil {
		return nil, err
	}
	files := []struct {
		path string
		mode int64
		data []byte
	}{
		{image, 0o755, exe},
		{"etc/ssl/certs/ca-certificates.crt", 0o644, ca},
		{"etc/passwd", 0o644, []byte("nonroot:x:" + user + ":" + user + "::/:/sbin/nologin\n")},
	}
	for _, f := range files {
		h := &tar.Header{Name: f.path, Mode: f.mode, Size: int64(len(f.data)), ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
		if err := tw.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := tw.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := tw.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(buf.Bytes())), nil
	})
}
