package notify

import (
	"encoding/json"

	"eulogin.example/proto/kit/fault"
)

// Kind names a message; its texts are the catalogue keys "mail.<kind>.…".
type Kind string

// The outbox kinds under which messages travel.
const (
	ByMail = "mail"
	BySMS  = "sms"
)

// Message is one thing to tell one person.
type Message struct {
	Kind Kind              `json:"kind"`
	To   string            `json:"to"`             // e-mail address, or E.164 number
	Lang string            `json:"lang"`           // en, fr, de
	Data map[string]string `json:"data,omitempty"` // what the text is filled with
}

// ErrPayload says that an outbox row holds no message of ours; it is not tried again.
var ErrPayload = fault.New(fault.Invalid, "notify.payload")

// Channel says how the message travels: ByMail or BySMS.
func (m Message) Channel() string {
	if m.Kind == SMSChallenge || m.Kind == SMSSignIn || m.Kind == SMSLoss {
		return BySMS
	}
	return ByMail
}

// Encode gives the outbox payload.
func (m Message) Encode() []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings and a map of strings always encode
	}
	return b
}

// Decode reads an outbox payload.
func Decode(payload []byte) (Message, error) {
	var m Message
	err := json.Unmarshal(payload, &m)
	if err != nil {
		return Message{}, ErrPayload.Because(err)
	}
	if _, ok := kinds[m.Kind]; !ok || m.To == "" {
		return Message{}, ErrPayload
	}
	return m, nil
}
