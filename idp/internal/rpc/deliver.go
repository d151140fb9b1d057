package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/outward"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/idp/internal/sqlstore"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/outbox"
)

var errEvent = fault.New(fault.Invalid, "rpc.event_malformed")

// errNotTaken keeps an event until it is taken, whatever cpms says: an order of events must not lose one.
var errNotTaken = fault.New(fault.Unavailable, "rpc.event_not_taken")

// DeliverEvents sends account events to cpms. The outbox keeps the order of each subject.
func DeliverEvents(cpms cpmsv1.AccountEventsClient, parties Parties, issuer string) outbox.Deliver {
	return func(ctx context.Context, row outbox.Row) error {
		var e sqlstore.AccountEvent
		if err := json.Unmarshal(row.Payload, &e); err != nil {
			return errEvent.Because(err)
		}
		sub, sid, err := parties.told(ctx, access, e.Subject, e.SID)
		if err != nil {
			return errNotTaken.Because(err)
		}
		r := &cpmsv1.DeliverRequest{EventId: e.ID, Issuer: issuer, Subject: sub, Sequence: e.Sequence, OccurredAt: timestamppb.New(e.At)}
		switch e.Kind {
		case "session_ended":
			r.Event = &cpmsv1.DeliverRequest_SessionEnded{SessionEnded: &cpmsv1.SessionEnded{Sid: sid}}
		case "locked":
			r.Event = &cpmsv1.DeliverRequest_Locked{Locked: &cpmsv1.Locked{Until: timestamppb.New(e.Until)}}
		case "factors_reset":
			r.Event = &cpmsv1.DeliverRequest_FactorsReset{FactorsReset: &cpmsv1.FactorsReset{}}
		case "email_changed":
			r.Event = &cpmsv1.DeliverRequest_EmailChanged{EmailChanged: &cpmsv1.EmailChanged{Email: e.Email}}
		case "name_changed":
			r.Event = &cpmsv1.DeliverRequest_NameChanged{NameChanged: &cpmsv1.NameChanged{GivenName: e.Given, FamilyName: e.Family}}
		case "disabled":
			r.Event = &cpmsv1.DeliverRequest_Disabled{Disabled: &cpmsv1.Disabled{}}
		case "erased":
			r.Event = &cpmsv1.DeliverRequest_Erased{Erased: &cpmsv1.Erased{}}
		default:
			return errEvent
		}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if _, err := cpms.Deliver(ctx, r); err != nil {
			return errNotTaken.Because(err)
		}
		return nil
	}
}

// DeliverLogouts sends logout tokens (Back-Channel Logout 1.0). Each try makes a fresh token.
func DeliverLogouts(clients *client.Registry, token func(c *client.Client, n signout.Notice, id string) (string, error), post *http.Client) outbox.Deliver {
	return func(ctx context.Context, row outbox.Row) error {
		var n signout.Notice
		if err := json.Unmarshal(row.Payload, &n); err != nil {
			return errEvent.Because(err)
		}
		c, err := clients.Known(ctx, n.Client) // a disabled one may have sessions of its own still
		if err != nil || c.BackchannelLogout == "" {
			return errEvent.Because(err) // no longer registered: nobody to tell
		}
		signed, err := token(c, n, fmt.Sprintf("%s-%d", row.ID, row.Attempt))
		if err != nil {
			return err
		}
		status, err := PostLogout(ctx, post, c.BackchannelLogout, signed)
		if err == nil && status/100 != 2 {
			err = fmt.Errorf("status %d", status)
		}
		if err != nil {
			return fault.New(fault.Unavailable, "rpc.logout_not_taken").Because(err)
		}
		return nil
	}
}

// PostLogout brings a logout token to an address (Back-Channel Logout 1.0 §2.5), and gives the status of
// the answer.
func PostLogout(ctx context.Context, post *http.Client, address, token string) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(url.Values{"logout_token": {token}}.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := post.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// Outward makes an HTTP client for registered addresses: outside development never to this machine
// or its link. Private networks are open to it: clusters live there.
func Outward(development bool) *http.Client {
	return outward.Client(5*time.Second, func(ip netip.Addr) bool {
		return development || !ip.IsLoopback() && !ip.IsLinkLocalUnicast() && !ip.IsUnspecified() && !ip.IsMulticast()
	})
}
