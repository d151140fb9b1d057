package appapi

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
)

// maxWatched bounds the accounts of one phone that one call looks after.
const maxWatched = 20

// watchIn asks for the requests of all accounts of a phone in one call, so that each of them
// hears at once however many there are. The account whose key signs the message leads; each
// other one vouches for itself with a signature over watchStatement.
type watchIn struct {
	Wait    int      `json:"wait"`
	Known   []string `json:"known"` // open requests that the phone shows already
	Devices []member `json:"devices"`
}

type member struct {
	DeviceID  string `json:"device_id"`
	Time      int64  `json:"time"`
	Signature string `json:"signature"`
}

// watchedOut is how one account stands.
type watchedOut struct {
	DeviceID string       `json:"device_id"`
	Status   string       `json:"status"` // active, disabled or deleted
	Requests []requestOut `json:"requests"`
}

// watchStatement is the text that a key signs to be looked after in a message of another key
// of the same phone (docs/app-protocol.md §5.4).
func watchStatement(issuer, leader, device string, at int64) []byte {
	return []byte(strings.Join([]string{"eulogin-app-watch/1", issuer, leader, device, strconv.FormatInt(at, 10), ""}, "\n"))
}

// watch answers as soon as the open requests are others than the phone knows, or an account
// cannot be used any more. While it waits it reads one list for each account.
func (a *API) watch(w http.ResponseWriter, c call) (any, error) {
	var in watchIn
	if err := decode(c.Request, c.body, &in); err != nil {
		return nil, err
	}
	if len(in.Devices) >= maxWatched || len(in.Known) > maxWatched*10 {
		return nil, ErrBody
	}
	devices, err := a.vouched(c, in.Devices)
	if err != nil {
		return nil, err
	}
	slices.Sort(in.Known)
	over := slices.ContainsFunc(devices, func(d phone.Device) bool { return d.Status != phone.Active })
	var open map[ident.AccountID][]requestOut
	err = a.await(c.ctx(), patience(w, in.Wait), func() (bool, error) {
		var ids []string
		var err error
		open, ids, err = a.open(c.ctx(), devices)
		return over || !slices.Equal(ids, slices.Compact(in.Known)), err
	})
	if err != nil {
		return nil, err
	}
	all, err := a.standing(c.ctx(), devices, open)
	return map[string]any{"now": a.now().Unix(), "accounts": all}, err
}

// vouched gives all devices that the message speaks for, the leading one first; of one that is
// gone, the id alone.
func (a *API) vouched(c call, members []member) ([]phone.Device, error) {
	all := []phone.Device{c.device}
	for _, m := range members {
		if slices.ContainsFunc(all, func(d phone.Device) bool { return d.ID == m.DeviceID }) {
			return nil, ErrBody
		}
		d, err := a.phone.ByID(c.ctx(), m.DeviceID)
		if errors.Is(err, phone.ErrDeviceUnknown) {
			all = append(all, phone.Device{ID: m.DeviceID})
			continue
		}
		if err != nil {
			return nil, err
		}
		sig, err := base64.RawURLEncoding.Strict().DecodeString(m.Signature)
		gap := a.now().Sub(time.Unix(m.Time, 0))
		if err != nil || gap > clockSlack || gap < -clockSlack || !d.Key.Verify(watchStatement(a.issuer, c.device.ID, m.DeviceID, m.Time), sig) {
			return nil, phone.ErrStatement
		}
		all = append(all, d)
	}
	return all, nil
}

// open gives the open requests by account, and their ids in order.
func (a *API) open(ctx context.Context, devices []phone.Device) (map[ident.AccountID][]requestOut, []string, error) {
	open := map[ident.AccountID][]requestOut{}
	var ids []string
	for _, d := range devices {
		if _, seen := open[d.Account]; seen || d.Status != phone.Active {
			continue
		}
		found, err := a.phone.Inbox(ctx, d.Account)
		if err != nil {
			return nil, nil, err
		}
		open[d.Account] = []requestOut{}
		for _, p := range found {
			open[d.Account], ids = append(open[d.Account], requestOf(p)), append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	return open, ids, nil
}

// standing says how each account stands when the answer is given: a device that was taken away
// meanwhile gets no requests.
func (a *API) standing(ctx context.Context, devices []phone.Device, open map[ident.AccountID][]requestOut) ([]watchedOut, error) {
	var all []watchedOut
	for _, d := range devices {
		one := watchedOut{DeviceID: d.ID, Status: "deleted", Requests: []requestOut{}}
		now, err := a.phone.ByID(ctx, d.ID)
		if err != nil && !errors.Is(err, phone.ErrDeviceUnknown) {
			return nil, err
		}
		if err == nil {
			one.Status = string(now.Status)
		}
		if found := open[d.Account]; one.Status == string(phone.Active) && found != nil {
			one.Requests = found
		}
		all = append(all, one)
	}
	return all, nil
}
