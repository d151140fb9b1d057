package notify

import "eulogin.example/cpms/internal/person"

// RemarkDesk tells somebody who may decide that there is a new remark about a request. The text
// stays on the page.
func RemarkDesk(c, requester person.Person, network, link string) Mail {
	return to(c, "remark_desk", network, link).with("requester", line(requester.Name())).with("helpdesk", "")
}

// RemarkPerson tells the requester that the desk wrote something, likewise without the text.
func RemarkPerson(p person.Person, network, link string) Mail {
	return to(p, "remark_person", network, link)
}
