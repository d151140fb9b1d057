// Package ident makes ids, random tokens and their digests for cpms. Randomness comes in as
// an argument; a source that fails ends the process, because nothing safe is left to do.
package ident
