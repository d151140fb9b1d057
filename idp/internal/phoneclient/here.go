package phoneclient

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
)

// HereCode is the link by which a sign-in asks the app on the same phone, taken apart.
type HereCode struct{ Issuer, ID string }

// ParseHereCode reads `<issuer>/app#here.<id>`.
func ParseHereCode(text string) (HereCode, error) {
	issuer, parts, ok := fragment(text, "here", 1)
	if !ok || !idShape.MatchString(parts[0]) {
		return HereCode{}, ErrCode
	}
	return HereCode{Issuer: issuer, ID: parts[0]}, nil
}

// Here shows the sign-in that a link asks for.
func (c *Client) Here(ctx context.Context, l Link, code HereCode) (Request, error) {
	var out Request
	err := c.send(ctx, l.Key, l.DeviceID, http.MethodGet, l.Issuer+"/app/api/here/"+code.ID, nil, &out)
	return out, err
}

// ApproveHere approves it and gives the path that the phone's browser has to open.
func (c *Client) ApproveHere(ctx context.Context, l Link, r Request, pin string) (string, error) {
	return c.approveHere(ctx, l, r, "pin", func(_ []byte, in map[string]any) error {
		in["pin"] = pin
		return nil
	})
}

// ApproveHereByBiometrics is the same, unlocked by an authenticator.
func (c *Client) ApproveHereByBiometrics(ctx context.Context, l Link, r Request, with Authenticator) (string, error) {
	return c.approveHere(ctx, l, r, "biometrics", asserting(l, with))
}

func (c *Client) approveHere(ctx context.Context, l Link, r Request, unlocked string, unlock func(statement []byte, in map[string]any) error) (string, error) {
	at := c.now().Unix()
	statement := []byte(r.statement("eulogin-app-here/2", l) + fmt.Sprintf("%s\n%d\n", unlocked, at))
	sig, err := l.Key.sign(statement)
	if err != nil {
		return "", err
	}
	in := map[string]any{"time": at, "signature": base64.RawURLEncoding.EncodeToString(sig)}
	if err := unlock(statement, in); err != nil {
		return "", err
	}
	var out struct {
		Return string `json:"return"`
	}
	err = c.send(ctx, l.Key, l.DeviceID, http.MethodPost, l.Issuer+"/app/api/here/"+r.ID, in, &out)
	return out.Return, err
}
