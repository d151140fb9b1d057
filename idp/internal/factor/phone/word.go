package phone

import (
	"encoding/json"
	"errors"
	"time"
)

// WordKind is the outbox kind of words.
const WordKind = "backchannel_ping"

// Word tells a service that waits without a browser that the person answered (CIBA Core §10.2). It
// leaves with the answer's own record.
type Word struct {
	Push   string    `json:"push"` // the request that was answered
	At     time.Time `json:"at"`   // of that answer
	Client string    `json:"client"`
	Asked  time.Time `json:"asked"`  // when it asked
	Until  time.Time `json:"until"`  // when nobody waits any more
	Sealed []byte    `json:"sealed"` // what the service is told, and its password for us
}

// of is a word of the answer that a request gets at a time.
func (w *Word) of(push string, at time.Time) *Word {
	if w == nil {
		return nil
	}
	c := *w
	c.Push, c.At = push, at
	return &c
}

// Encode gives the outbox payload.
func (w Word) Encode() []byte {
	b, err := json.Marshal(w)
	if err != nil {
		panic(err) // texts and times always encode
	}
	return b
}

// ReadWord reads an outbox payload.
func ReadWord(payload []byte) (Word, error) {
	var w Word
	err := json.Unmarshal(payload, &w)
	if err == nil && (!IsID(w.Push) || w.Client == "") {
		err = errors.New("phone: no word")
	}
	return w, err
}
