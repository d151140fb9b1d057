package webpush

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/outward"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/outbox"
)

// look is all that a message says: the app then asks the server, with its key.
const look = "look"

// Phones are those that can be woken.
type Phones interface {
	// PushTarget gives where a device is woken; false when it is not to be woken any more.
	PushTarget(ctx context.Context, device string) (phone.PushTarget, bool, error)
	// Unsubscribe forgets a target that is no more, unless there is another one by now.
	Unsubscribe(ctx context.Context, device string, t phone.PushTarget) error
}

// Sender wakes phones.
type Sender struct {
	*Identity
	local  bool
	client *http.Client
	now    func() time.Time
	random io.Reader
}

// NewSender makes a sender; local admits push services on this computer, for development.
func NewSender(id *Identity, local bool, now func() time.Time, random io.Reader) *Sender {
	return &Sender{Identity: id, local: local, client: outward.Internet(10*time.Second, local), now: now, random: random}
}

// errGone: the push service knows the subscription no more.
var errGone = fault.New(fault.Gone, "webpush.gone")

// errRefused: no later try can work.
var errRefused = fault.New(fault.Invalid, "webpush.refused")

// Deliver sends what stands in the outbox. A request that is over wakes nobody; a subscription
// that is gone (404, 410) is forgotten; what a push service cannot do now is tried again.
func (s *Sender) Deliver(phones Phones) outbox.Deliver {
	return func(ctx context.Context, row outbox.Row) error {
		w, err := phone.ReadWake(row.Payload)
		if err != nil {
			return errRefused.Because(err)
		}
		left := w.Until.Sub(s.now())
		if left < time.Second {
			return nil
		}
		t, ok, err := phones.PushTarget(ctx, w.Device)
		if err != nil || !ok {
			return err
		}
		err = s.send(ctx, t, left)
		if errors.Is(err, errGone) {
			return phones.Unsubscribe(ctx, w.Device, t)
		}
		return err
	}
}

// send asks a push service to wake a phone within the time that is left.
func (s *Sender) send(ctx context.Context, t phone.PushTarget, left time.Duration) error {
	if err := s.Check(t); err != nil {
		return errRefused.Because(err)
	}
	to, err := readReceiver(t)
	if err != nil {
		return errRefused.Because(err)
	}
	body, err := seal(s.random, to, []byte(look))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.Endpoint, bytes.NewReader(body))
	if err != nil {
		return errRefused.Because(err)
	}
	u, err := url.Parse(t.Endpoint)
	if err != nil {
		return errRefused.Because(err)
	}
	auth, err := s.authorization(s.random, u.Scheme+"://"+u.Host, s.now())
	if err != nil {
		return err
	}
	for k, v := range map[string]string{
		"Authorization": auth, "Content-Type": "application/octet-stream", "Content-Encoding": "aes128gcm",
		"TTL": strconv.Itoa(int(left.Seconds())), "Urgency": "high", "Topic": "signin",
	} {
		req.Header.Set(k, v)
	}
	res, err := s.client.Do(req)
	if errors.Is(err, errEndpoint) {
		return errRefused.Because(err)
	}
	if err != nil {
		return errors.New("webpush: the push service cannot be reached") // its address is a capability and stays out of logs
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 4<<10) // so that the connection can be used again
	return verdict(res.StatusCode)
}

// verdict says what a status means (RFC 8030 §5, §8.4).
func verdict(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusNotFound || status == http.StatusGone:
		return errGone
	case status == http.StatusTooManyRequests || status >= 500:
		return fmt.Errorf("webpush: the push service answered %d", status)
	}
	return errRefused.Because(fmt.Errorf("webpush: the push service answered %d", status))
}
