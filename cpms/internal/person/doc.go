// Package person is who uses cpms: a guest record for everybody who ever signed in, keyed by
// issuer and subject and never by e-mail (domain.md row 31). Names and address come from the
// ID token and are read-only here.
//
// It owns no profile and no access. Guest has two meanings in this field: here it is somebody
// who is signed in and not yet authorised; the role GUEST_USER belongs to package access.
package person
