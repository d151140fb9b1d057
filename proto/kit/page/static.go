package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// assets are the static files under one common hash, so that scripts can import each other
// by relative addresses and every address changes when any file does.
type assets struct {
	hash  string
	files map[string][]byte
}

// contentTypes is closed: what a browser makes of a file must not depend on the tables of the
// machine, and images made from scratch have none.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".txt": "text/plain; charset=utf-8",
	".js": "text/javascript; charset=utf-8", ".json": "application/json", ".webmanifest": "application/manifest+json",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2", ".wasm": "application/wasm",
}

func loadAssets(sets ...fs.FS) (*assets, error) {
	a := &assets{files: map[string][]byte{}}
	for _, set := range sets {
		if set == nil {
			continue
		}
		err := fs.WalkDir(set, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if contentTypes[path.Ext(p)] == "" {
				return fmt.Errorf("page: static file %s has no known content type", p)
			}
			if a.files[p] != nil {
				return fmt.Errorf("page: two static files are called %s", p)
			}
			a.files[p], err = fs.ReadFile(set, p)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	names := make([]string, 0, len(a.files))
	for n := range a.files {
		names = append(names, n)
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, n := range names {
		fmt.Fprintf(sum, "%s %d\n", n, len(a.files[n]))
		sum.Write(a.files[n])
	}
	a.hash = hex.EncodeToString(sum.Sum(nil))[:12]
	return a, nil
}

// url gives the address of a static file; a name that is none is an error of the template.
func (a *assets) url(name string) (string, error) {
	if a.files[name] == nil {
		return "", fmt.Errorf("no static file %s", name)
	}
	return "/static/" + a.hash + "/" + name, nil
}

// StaticHandler serves /static/<hash>/<file>, to be kept for ever under this hash.
func (s *Site) StaticHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/static/"), "/")
		data, ok := s.static.files[name]
		if !ok {
			s.Fail(w, r, ErrNotFound)
			return
		}
		w.Header().Set("Content-Type", contentTypes[path.Ext(name)])
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		if hash == s.static.hash {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	})
}
