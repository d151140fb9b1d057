// Package web holds what the browser gets beside the handlers: page templates, texts and
// static files, each area in a folder of its own. The handlers live in the packages below.
package web

import "embed"

// Assets holds templates/<area>/<page>.html, locales/<lang>/<area>.json and static/.
//
//go:embed templates locales static
var Assets embed.FS
