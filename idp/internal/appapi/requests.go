package appapi

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"eulogin.example/idp/internal/factor/phone"
)

// maxWait is the longest that a call waits for a request to come in.
const maxWait = 25 * time.Second

// requestOut is a sign-in request as the phone sees it: everything but the number.
type requestOut struct {
	ID        string `json:"id"`
	Service   string `json:"service"`
	Browser   string `json:"browser"`
	Address   string `json:"address"`
	CreatedAt int64  `json:"created_at"`
	ExpiresAt int64  `json:"expires_at"`
}

func requestOf(p phone.Push) requestOut {
	return requestOut{
		ID: p.ID, Service: p.Client, Browser: p.Browser, Address: p.Address, CreatedAt: p.CreatedAt.Unix(), ExpiresAt: p.ExpiresAt.Unix(),
	}
}

// requests lists one account's open requests; with wait it answers as soon as there is one.
func (a *API) requests(w http.ResponseWriter, c call) (any, error) {
	seconds, _ := strconv.Atoi(c.URL.Query().Get("wait")) // anything else means: do not wait
	found := []requestOut{}
	err := a.await(c.ctx(), patience(w, seconds), func() (bool, error) {
		all, err := a.phone.Inbox(c.ctx(), c.device.Account)
		for _, p := range all {
			found = append(found, requestOf(p))
		}
		return len(all) > 0, err
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"now": a.now().Unix(), "requests": found}, nil
}

// answerIn is the person's decision; signature is the device key's over phone.Statement.
type answerIn struct {
	Decision  string          `json:"decision"`
	Number    string          `json:"number,omitempty"`
	PIN       string          `json:"pin,omitempty"`
	Assertion json.RawMessage `json:"assertion,omitempty"` // of the phone's own authenticator, in place of the PIN
	Time      int64           `json:"time"`
	Signature string          `json:"signature"`
}

func (a *API) answer(_ http.ResponseWriter, c call) (any, error) {
	var in answerIn
	if err := decode(c.Request, c.body, &in); err != nil {
		return nil, err
	}
	sig, err := base64.RawURLEncoding.Strict().DecodeString(in.Signature)
	if err != nil {
		return nil, ErrBody
	}
	err = a.phone.Answer(c.ctx(), c.device, phone.Answer{
		RequestID: c.PathValue("id"), Decision: phone.Decision(in.Decision),
		Number: in.Number, PIN: in.PIN, Assertion: in.Assertion, At: time.Unix(in.Time, 0), Signature: sig,
	})
	if err != nil {
		return nil, err
	}
	state := "denied"
	if phone.Decision(in.Decision) == phone.Approve {
		state = "approved"
	}
	return map[string]any{"state": state, "now": a.now().Unix()}, nil
}
