package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/outbox"
)

// settling is how long an answer may take from its record to its effect.
const settling = 5 * time.Second

// Pinger tells services that asked a person on the phone that there is an answer (CIBA Core §10.2).
type Pinger struct {
	Clients *client.Registry
	Poll    func(ctx context.Context, push string) (phone.Outcome, error)
	Open    func(w phone.Word) (id, token string, err error)
	Post    *http.Client
	Now     func() time.Time
}

// Deliver sends one word. A wrong number on the phone is recorded and decides nothing: only the answer
// that decided is told, once. After the request's life nobody waits.
func (p Pinger) Deliver(ctx context.Context, row outbox.Row) error {
	w, err := phone.ReadWord(row.Payload)
	if err != nil {
		return errEvent.Because(err)
	}
	c, err := p.Clients.ByID(ctx, w.Client)
	if err != nil || w.Asked.Before(c.Since) || c.PingURI == "" || !p.Now().Before(w.Until) {
		return nil // not served any more, another service that has its id since, or nobody waits
	}
	o, err := p.Poll(ctx, w.Push)
	switch {
	case err != nil:
		return err
	case o.State == phone.Pending && p.Now().Sub(row.Created) < settling:
		return fault.New(fault.Unavailable, "rpc.ping_too_early")
	case o.State == phone.Pending || !o.At.Equal(w.At):
		return nil // another answer decided, or none
	}
	id, token, err := p.Open(w)
	if err != nil {
		return errEvent.Because(err)
	}
	return p.post(ctx, c.PingURI, id, token)
}

func (p Pinger) post(ctx context.Context, to, id, token string) error {
	body, err := json.Marshal(map[string]string{"auth_req_id": id})
	if err != nil {
		return errEvent.Because(err)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return errEvent.Because(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := p.Post.Do(req)
	if err != nil {
		return fault.New(fault.Unavailable, "rpc.ping_not_taken").Because(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fault.New(fault.Unavailable, "rpc.ping_not_taken").Because(fmt.Errorf("%s", resp.Status))
	}
	return nil
}
