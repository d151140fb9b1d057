package recovery

// What the fuzz test looks at.
var (
	Canonical = canonical
	Find      = Set.find
)
