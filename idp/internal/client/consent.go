package client

// Who lets a service learn about people.
const (
	ByOperator = "operator" // whoever registers the client; people are asked if they want to be
	ByPerson   = "person"   // each person, on a page, before the first time and when more is asked for
)

// Consent says whom the service needs to have asked. The member is our own.
type Consent struct {
	ConsentBy string `json:"consent,omitempty"` // ByOperator (default) or ByPerson
}

func (n Consent) rules(*Client) []rule {
	return []rule{{n.ConsentBy != "" && n.ConsentBy != ByOperator && n.ConsentBy != ByPerson, "consent must be operator or person"}}
}

// PersonConsents reports whether each person has to agree.
func (n Consent) PersonConsents() bool { return n.ConsentBy == ByPerson }
