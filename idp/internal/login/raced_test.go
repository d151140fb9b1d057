//go:build race

package login

// The walker is one goroutine that has nothing to race with, and the race detector makes it
// twenty times slower: there it goes less deep. `make unit` walks the whole way without it.
const raced = true
