package phoneapp_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"eulogin.example/idp/internal/web"
	"eulogin.example/idp/internal/web/phoneapp"
)

func mux(t *testing.T) *http.ServeMux {
	t.Helper()
	app, err := phoneapp.New(phoneapp.Config{Static: web.Static, Locales: web.Locales, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	m := http.NewServeMux()
	app.Mount(m)
	return m
}

func get(m http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	m.ServeHTTP(rec, r)
	return rec
}

func TestTheAppsHeaders(t *testing.T) {
	rec := get(mux(t), "/app")
	h := rec.Header()
	csp := h.Get("Content-Security-Policy")
	if rec.Code != 200 || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self';") ||
		strings.Contains(csp, "unsafe") || strings.Contains(csp, "data:") || !strings.Contains(h.Get("Permissions-Policy"), "camera=(self)") ||
		h.Get("Referrer-Policy") != "no-referrer" || h.Get("Set-Cookie") != "" {
		t.Errorf("%d %v", rec.Code, h)
	}
	if again := get(mux(t), "/app", "If-None-Match", h.Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("unchanged file: %d", again.Code)
	}
	for path, want := range map[string]int{"/app/": 308, "/app/js/none.js": 404, "/app/js/sw.js": 404, "/app/../go.mod": 307, "/app/index.html": 404} {
		if got := get(mux(t), path).Code; got != want {
			t.Errorf("%s: %d", path, got)
		}
	}
}

var inline = regexp.MustCompile(`(?i)<script(?:>| [^>]*[^"/]>[^<])|\son[a-z]+=|\sstyle=|="javascript:`)

func TestThePageHasNothingInline(t *testing.T) {
	body := get(mux(t), "/app").Body.String()
	if found := inline.FindString(body); found != "" {
		t.Errorf("inline: %s", found)
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		if rec := get(mux(t), m[1]); rec.Code != 200 {
			t.Errorf("%s: %d", m[1], rec.Code)
		}
	}
}

func TestTheServiceWorkerNamesEveryFile(t *testing.T) {
	m := mux(t)
	rec := get(m, "/app/sw.js")
	if rec.Header().Get("Service-Worker-Allowed") != "/app" {
		t.Error("the worker may not serve /app")
	}
	found := regexp.MustCompile(`(?m)^const FILES = (.*);$`).FindStringSubmatch(rec.Body.String())
	var files []string
	if found == nil || json.Unmarshal([]byte(found[1]), &files) != nil {
		t.Fatalf("worker begins %.200s", rec.Body)
	}
	for _, f := range files {
		if got := get(m, f).Code; got != 200 {
			t.Errorf("%s: %d", f, got)
		}
	}
	for _, want := range []string{"/app", "/app/js/main.js", "/app/vendor/jsQR.js", "/app/texts.fr.json", "/app/app.css"} {
		if !slices.Contains(files, want) {
			t.Errorf("%s is not in the offline shell", want)
		}
	}
}

// Every text that the app names is in the catalogue, and every text there is named.
func TestTextsAndTheirUse(t *testing.T) {
	var source strings.Builder
	err := fs.WalkDir(web.Static, "app", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(p, "app/vendor") {
			return err
		}
		b, err := fs.ReadFile(web.Static, p)
		source.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Texts map[string]string
		Demo  bool
	}
	if err := json.Unmarshal(get(mux(t), "/app/texts.en.json").Body.Bytes(), &got); err != nil || !got.Demo {
		t.Fatal(err, got.Demo)
	}
	for _, m := range regexp.MustCompile("[\"`](app\\.[a-z_.]+[a-z])[\"`]").FindAllStringSubmatch(source.String(), -1) {
		if got.Texts[m[1]] == "" {
			t.Errorf("%s is not in the catalogue", m[1])
		}
	}
	for key := range got.Texts {
		built := strings.HasPrefix(key, "app.error.phone.") || strings.HasPrefix(key, "app.recent.") || strings.HasPrefix(key, "app.status.") || strings.HasPrefix(key, "app.result.")
		if !built && !strings.Contains(source.String(), key) {
			t.Errorf("%s is never shown", key)
		}
	}
}

func TestNewRefusesWhatItCannotServe(t *testing.T) {
	for name, static := range map[string]fs.FS{
		"no folder":    fstest.MapFS{},
		"no worker":    fstest.MapFS{"app/index.html": {}},
		"strange file": fstest.MapFS{"app/js/sw.js": {}, "app/x.exe": {}},
	} {
		if _, err := phoneapp.New(phoneapp.Config{Static: static, Locales: web.Locales}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := phoneapp.New(phoneapp.Config{Static: web.Static, Locales: fstest.MapFS{}}); err == nil {
		t.Error("no texts: accepted")
	}
}
