package phoneapp

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Config is what the app is made of.
type Config struct {
	Static    fs.FS    // its folder "app" holds the app
	Locales   fs.FS    // <lang>/app.json
	Languages []string // default: en, fr, de
	Demo      bool     // the app says that it is a demonstration
}

// file is one thing to serve.
type file struct {
	kind, tag string
	data      []byte
}

// App serves the app. It is safe for concurrent use.
type App struct{ files map[string]file }

// kinds are the types of what lies in the folder; anything else there is a mistake.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8",
	".json": "application/json",
}

// New reads the app and builds its texts and its service worker.
func New(c Config) (*App, error) {
	if c.Static == nil || c.Locales == nil {
		return nil, errors.New("phoneapp: Static and Locales are required")
	}
	if len(c.Languages) == 0 {
		c.Languages = []string{"en", "fr", "de"}
	}
	a := &App{files: map[string]file{}}
	if err := a.readFolder(c.Static); err != nil {
		return nil, err
	}
	for _, lang := range c.Languages {
		if err := a.readTexts(c.Locales, lang, c.Demo); err != nil {
			return nil, err
		}
	}
	return a, a.buildWorker()
}

func (a *App) readFolder(static fs.FS) error {
	return fs.WalkDir(static, "app", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(static, p)
		if err != nil {
			return err
		}
		return a.add(strings.TrimPrefix(p, "app/"), data)
	})
}

// readTexts makes the app's part of the catalogue a file, with what else it has to know.
func (a *App) readTexts(locales fs.FS, lang string, demo bool) error {
	raw, err := fs.ReadFile(locales, lang+"/app.json")
	if err != nil {
		return fmt.Errorf("phoneapp: %w", err)
	}
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		return fmt.Errorf("phoneapp: %s/app.json: %w", lang, err)
	}
	data, err := json.Marshal(map[string]any{"texts": texts, "demo": demo})
	if err != nil {
		return err
	}
	return a.add("texts."+lang+".json", data)
}

// buildWorker puts the names of all files and a version of their sum above the service
// worker, so that a new release of any file is a new worker.
func (a *App) buildWorker() error {
	const source = "js/sw.js"
	worker, ok := a.files[source]
	if !ok {
		return fmt.Errorf("phoneapp: %s is missing", source)
	}
	delete(a.files, source)
	names, sum := []string{"/app"}, sha256.New()
	for _, name := range a.names() {
		sum.Write([]byte(name + a.files[name].tag))
		if ext := path.Ext(name); ext != ".txt" && name != "index.html" {
			names = append(names, "/app/"+name)
		}
	}
	list, err := json.Marshal(names)
	if err != nil {
		return err
	}
	head := fmt.Sprintf("const VERSION = %q;\nconst FILES = %s;\n", "app-"+digest(sum.Sum(nil)), list)
	return a.add("sw.js", append([]byte(head), worker.data...))
}

func (a *App) add(name string, data []byte) error {
	kind, ok := kinds[path.Ext(name)]
	if !ok {
		return fmt.Errorf("phoneapp: what is %s?", name)
	}
	sum := sha256.Sum256(data)
	a.files[name] = file{kind: kind, tag: `"` + digest(sum[:]) + `"`, data: data}
	return nil
}

func (a *App) names() []string {
	names := make([]string, 0, len(a.files))
	for n := range a.files {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func digest(sum []byte) string { return base64.RawURLEncoding.EncodeToString(sum[:12]) }

// Mount registers a route for each file; what is not there is not found.
func (a *App) Mount(mux *http.ServeMux) {
	for name, f := range a.files {
		if name == "index.html" {
			mux.Handle("GET /app", f)
			continue
		}
		mux.Handle("GET /app/"+name, f)
	}
	mux.Handle("GET /app/{$}", http.RedirectHandler("/app", http.StatusPermanentRedirect))
}

// policy lets the app run its own modules, talk to its own origin, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ServeHTTP serves the file. Browsers ask each time whether it changed: the service worker
// has it for when there is no network.
func (f file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Service-Worker-Allowed", "/app")
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", f.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
}
