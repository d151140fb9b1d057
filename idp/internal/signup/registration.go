package signup

import (
	"encoding/json"
	"fmt"
	"strings"

	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/notify"
)

func (r registration) encode() json.RawMessage {
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings always encode
	}
	return raw
}

func decode(raw json.RawMessage) (registration, error) {
	var r registration
	err := json.Unmarshal(raw, &r)
	if err != nil {
		return r, fmt.Errorf("signup: ticket data: %w", err)
	}
	return r, nil
}

func (r registration) person() notify.Person {
	return notify.Person{Name: strings.TrimSpace(r.GivenName + " " + r.FamilyName), Email: r.Email, Lang: r.MailLang}
}

func (r registration) about() password.About {
	return password.About{GivenName: r.GivenName, FamilyName: r.FamilyName, Email: r.Email}
}
