package notify

import (
	"maps"

	"eulogin.example/cpms/internal/person"
)

// Name is how mails write a person's name.
func Name(p person.Person) string { return line(p.Name()) }

// Unnamed gives the mail without the name of whom it is about.
func (m Mail) Unnamed() Mail {
	data := maps.Clone(m.Data)
	data["requester"] = "–"
	m.Data = data
	return m
}
