package totp

// What the fuzz test looks at.
var (
	Canonical = canonical
	Match     = match
)
