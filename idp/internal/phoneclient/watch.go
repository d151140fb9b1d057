package phoneclient

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"
)

// Watched is how one account of a phone stands.
type Watched struct {
	DeviceID string    `json:"device_id"`
	Status   string    `json:"status"` // active, disabled or deleted
	Requests []Request `json:"requests"`
}

// Watch asks for the open sign-ins of several accounts of one issuer, waiting up to wait for
// them to be others than the known ones (app-protocol.md §5.4). links must not be empty.
func (c *Client) Watch(ctx context.Context, links []Link, known []string, wait time.Duration) ([]Watched, error) {
	leader, at := links[0], c.now().Unix()
	members := []map[string]any{}
	for _, l := range links[1:] {
		sig, err := l.Key.sign([]byte(fmt.Sprintf("eulogin-app-watch/1\n%s\n%s\n%s\n%d\n", leader.Issuer, leader.DeviceID, l.DeviceID, at)))
		if err != nil {
			return nil, err
		}
		members = append(members, map[string]any{"device_id": l.DeviceID, "time": at, "signature": base64.RawURLEncoding.EncodeToString(sig)})
	}
	if known == nil {
		known = []string{}
	}
	var out struct {
		Accounts []Watched `json:"accounts"`
	}
	in := map[string]any{"wait": int(wait.Seconds()), "known": known, "devices": members}
	err := c.send(ctx, leader.Key, leader.DeviceID, http.MethodPost, leader.Issuer+"/app/api/watch", in, &out)
	return out.Accounts, err
}
