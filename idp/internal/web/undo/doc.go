// Package undo serves the links by which people say "this wasn't me" of a change to their
// verification methods. It asks for no sign-in, because whoever made the change may have
// locked its owner out; a link shows one change and can do one thing.
package undo
