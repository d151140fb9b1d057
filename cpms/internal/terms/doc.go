// Package terms is the terms of use and the privacy statement as versioned data: which texts were
// in force when, and whether somebody accepted those in force.
//
// The texts themselves are in the catalogue (area terms). A text is never changed once it was in
// force: a new version gets a new name, and an edition that brings it into force. docs/profile.md
// lists the editions; a test compares the two.
package terms
