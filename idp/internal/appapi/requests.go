package appapi

import (
	"encoding/base64"
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

// requests lists the open requests; with wait it answers as soon as there is one.
func (a *API) requests(w http.ResponseWriter, c call) (any, error) {
	seconds, _ := strconv.Atoi(c.URL.Query().Get("wait")) // anything else means: do not wait
	wait := min(max(time.Duration(seconds)*time.Second, 0), maxWait)
	found, err := a.await(w, c, wait)
	if err != nil {
		return nil, err
	}
	out := struct {
		Now      int64        `json:"now"`
		Requests []requestOut `json:"requests"`
	}{Now: a.now().Unix(), Requests: []requestOut{}}
	for _, p := range found {
		out.Requests = append(out.Requests, requestOut{
			ID: p.ID, Service: p.Client, Browser: p.Browser, Address: p.Address,
			CreatedAt: p.CreatedAt.Unix(), ExpiresAt: p.ExpiresAt.Unix(),
		})
	}
	return out, nil
}

// await looks until there is something, the time is over or the phone hangs up. A waiting
// call outlives the server's write timeout, hence the deadline of its own.
func (a *API) await(w http.ResponseWriter, c call, wait time.Duration) ([]phone.Push, error) {
	found, err := a.phone.Inbox(c.ctx(), c.device.Account)
	if err != nil || len(found) > 0 || wait == 0 {
		return found, err
	}
	select {
	case a.polls <- struct{}{}:
		defer func() { <-a.polls }()
	default:
		return nil, nil
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(wait + 10*time.Second)) // not every writer has one
	over := time.NewTimer(wait)
	defer over.Stop()
	tick := time.NewTicker(a.tick)
	defer tick.Stop()
	for {
		select {
		case <-c.ctx().Done():
			return nil, nil
		case <-a.over:
			return nil, nil
		case <-over.C:
			return nil, nil
		case <-tick.C:
			found, err := a.phone.Inbox(c.ctx(), c.device.Account)
			if err != nil || len(found) > 0 {
				return found, err
			}
		}
	}
}

// answerIn is the person's decision; signature is the device key's over phone.Statement.
type answerIn struct {
	Decision  string `json:"decision"`
	Number    string `json:"number,omitempty"`
	PIN       string `json:"pin,omitempty"`
	Time      int64  `json:"time"`
	Signature string `json:"signature"`
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
		Number: in.Number, PIN: in.PIN, At: time.Unix(in.Time, 0), Signature: sig,
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
