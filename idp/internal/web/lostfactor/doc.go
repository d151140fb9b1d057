// Package lostfactor serves the pages for people who can show none of their second factors any
// more (domain.md row 18): the explanation, the state after the password, the mailed link that
// starts the wait, and the link that stops it. They ask for no session, because these people
// cannot have one that is worth anything.
package lostfactor
