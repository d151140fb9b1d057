// Package address serves the pages on which people change their name and their e-mail address,
// and the one on which a former address takes a change back.
package address
