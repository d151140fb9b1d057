package telemetry

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"unicode"

	"go.opentelemetry.io/otel/trace"
)

// NewHandler makes the log handler: format, level, trace id, reference, masking.
func NewHandler(c Config) slog.Handler {
	opts := &slog.HandlerOptions{Level: c.LogLevel, ReplaceAttr: mask}
	var h slog.Handler = slog.NewTextHandler(c.Out, opts)
	if c.LogFormat == "json" {
		h = slog.NewJSONHandler(c.Out, opts)
	}
	return traced{h, c.Reference}
}

// secretWords are words in names of attributes whose values operators must not read.
var secretWords = []string{
	"password", "passwords", "passphrase", "secret", "secrets", "token", "tokens", "ticket", "tickets", "pin", "pins", "otp", "otps",
	"assertion", "verifier", "cookie", "cookies", "authorization", "credential", "credentials", "private", "dsn",
}

// mask hides an attribute when a word of its name, or of a group that it is in, says secret.
func mask(groups []string, a slog.Attr) slog.Attr {
	for _, name := range append(slices.Clone(groups), a.Key) {
		for _, word := range words(name) {
			if slices.Contains(secretWords, word) {
				return slog.String(a.Key, "[masked]")
			}
		}
	}
	return a
}

// words splits "access_token", "Set-Cookie", "clientSecret" and "PIN" into lower-case words.
func words(name string) []string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if unicode.IsUpper(r) && lower {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		if !unicode.IsLetter(r) {
			r = ' '
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(b.String())
}

// traced adds the trace and the request that a line belongs to.
type traced struct {
	slog.Handler
	reference func(ctx context.Context) string
}

// Handle writes one line.
func (h traced) Handle(ctx context.Context, r slog.Record) error {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		r = r.Clone()
		r.AddAttrs(slog.String("trace", sc.TraceID().String()))
	}
	if h.reference == nil || named(r, "reference") {
		return h.Handler.Handle(ctx, r)
	}
	if ref := h.reference(ctx); ref != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("reference", ref))
	}
	return h.Handler.Handle(ctx, r)
}

// named reports whether a line says an attribute itself.
func named(r slog.Record, key string) (yes bool) {
	r.Attrs(func(a slog.Attr) bool {
		yes = a.Key == key
		return !yes
	})
	return yes
}

// WithAttrs keeps the wrapping.
func (h traced) WithAttrs(a []slog.Attr) slog.Handler {
	return traced{h.Handler.WithAttrs(a), h.reference}
}

// WithGroup keeps the wrapping.
func (h traced) WithGroup(name string) slog.Handler {
	return traced{h.Handler.WithGroup(name), h.reference}
}
