// Package smshttp sends text messages through an operator's HTTP gateway: a JSON POST of
// {"to", "text", "ref"} with a bearer token. It is an adapter; only the wiring imports it.
package smshttp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"eulogin.example/proto/kit/fault"
)

var (
	errRefused = fault.New(fault.Invalid, "sms.gateway_refused")
	errDown    = fault.New(fault.Unavailable, "sms.gateway_unavailable")
)

// Gateway implements notify.SMSGateway.
type Gateway struct {
	address, token string
	client         *http.Client
}

// New makes a gateway; address must be https, or http to a loopback host.
func New(address, token string) (*Gateway, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errors.New("smshttp: the gateway's address must be a URL")
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	if u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return nil, errors.New("smshttp: the gateway's address must be https")
	}
	client := &http.Client{
		Timeout:       15 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the token goes to one place only
	}
	return &Gateway{address: address, token: token, client: client}, nil
}

// SendSMS posts one message. Status 2xx is success; 4xx but 408 and 429 says that this
// message can never be sent; everything else is tried again.
func (g *Gateway) SendSMS(ctx context.Context, to, text, ref string) error {
	body, err := json.Marshal(map[string]string{"to": to, "text": text, "ref": ref})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", ref)
	if g.token != "" {
		req.Header.Set("Authorization", "Bearer "+g.token)
	}
	res, err := g.client.Do(req)
	if err != nil {
		return errDown.Because(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection can be used again
	switch {
	case res.StatusCode/100 == 2:
		return nil
	case res.StatusCode/100 == 4 && res.StatusCode != http.StatusRequestTimeout && res.StatusCode != http.StatusTooManyRequests:
		return errRefused.Because(errors.New(res.Status))
	}
	return errDown.Because(errors.New(res.Status))
}
