package appapi

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"eulogin.example/idp/internal/factor/phone"
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
// cannot be used any more.
func (a *API) watch(w http.ResponseWriter, c call) (any, error) {
	var in watchIn
	if err := decode(c.Request, c.body, &in); err != nil {
		return nil, err
	}
	if len(in.Devices) >= maxWatched || len(in.Known) > maxWatched*10 {
		return nil, ErrBody
	}
	ids, err := a.vouched(c, in.Devices)
	if err != nil {
		return nil, err
	}
	slices.Sort(in.Known)
	var all []watchedOut
	err = a.await(c.ctx(), patience(w, in.Wait), func() (news bool, err error) {
		all, news, err = a.standing(c, ids, in.Known)
		return news, err
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"now": a.now().Unix(), "accounts": all}, nil
}

// vouched gives the ids of all devices that the message speaks for, the leading one first.
func (a *API) vouched(c call, members []member) ([]string, error) {
	ids := []string{c.device.ID}
	for _, m := range members {
		if slices.Contains(ids, m.DeviceID) {
			return nil, ErrBody
		}
		d, err := a.phone.ByID(c.ctx(), m.DeviceID)
		if err != nil && !errors.Is(err, phone.ErrDeviceUnknown) {
			return nil, err
		}
		sig, bad := base64.RawURLEncoding.Strict().DecodeString(m.Signature)
		gap := a.now().Sub(time.Unix(m.Time, 0))
		if err == nil && (bad != nil || gap > clockSlack || gap < -clockSlack || !d.Key.Verify(watchStatement(a.issuer, c.device.ID, m.DeviceID, m.Time), sig)) {
			return nil, phone.ErrStatement
		}
		ids = append(ids, m.DeviceID)
	}
	return ids, nil
}

// standing says how each account stands now, and whether that is news to the phone.
func (a *API) standing(c call, ids, known []string) (all []watchedOut, news bool, err error) {
	var open []string
	for _, id := range ids {
		one := watchedOut{DeviceID: id, Status: "deleted", Requests: []requestOut{}}
		d, err := a.phone.ByID(c.ctx(), id)
		switch {
		case errors.Is(err, phone.ErrDeviceUnknown):
		case err != nil:
			return nil, false, err
		default:
			one.Status = string(d.Status)
		}
		if one.Status == string(phone.Active) {
			found, err := a.phone.Inbox(c.ctx(), d.Account)
			if err != nil {
				return nil, false, err
			}
			for _, p := range found {
				one.Requests, open = append(one.Requests, requestOf(p)), append(open, p.ID)
			}
		}
		news = news || one.Status != string(phone.Active)
		all = append(all, one)
	}
	slices.Sort(open)
	return all, news || !slices.Equal(slices.Compact(open), slices.Compact(known)), nil
}
