// Package web holds what the browser gets beside the handlers: page templates, texts and
// static files, each area in a folder of its own. The handlers live in the packages below.
package web

import (
	"embed"
	"io/fs"
)

//go:embed templates locales static
var files embed.FS

// The folders of the compiled-in files.
var (
	Templates = folder("templates") // <area>/<page>.html
	Locales   = folder("locales")   // <lang>/<area>.json
	Static    = folder("static")    // served below /static/
)

func folder(name string) fs.FS {
	f, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return f
}
