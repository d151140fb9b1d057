package e2e

// visitor is a person at a computer. Every method fails the test when what it looks for is
// not there; error texts show the page.
type visitor interface {
	// open goes to an address.
	open(url string)
	// fill types into the field of that name, replacing what is there; check boxes take
	// "on" and "", selects and radio buttons the value of the choice.
	fill(name, value string)
	// press presses the button or follows the link that carries this text.
	press(text string)
	// nudge presses something that a script answers without leaving the page; without
	// scripts it is a press.
	nudge(text string)
	// sees waits until the page shows this text.
	sees(text string)
	// shows says whether the page shows this text now.
	shows(text string) bool
	// field gives what stands in a field.
	field(name string) string
	// text gives the visible text of the first element that matches.
	text(selector string) string
	// attr gives an attribute of the first element that matches.
	attr(selector, name string) string
	// url says where the visitor is.
	url() string
	// reload asks for the page again.
	reload()
	// look takes a picture of the page and checks it for accessibility where the visitor
	// can.
	look(name string)
}
