package phoneclient

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Problem is what the server answers when a call fails.
type Problem struct {
	Status     int    `json:"status"`
	Code       string `json:"code"`
	Now        int64  `json:"now"`
	TriesLeft  *int   `json:"tries_left"`
	RetryAfter int    `json:"retry_after"`
}

// Error gives the code, and the tries that are left if the server said so.
func (p *Problem) Error() string {
	if p.TriesLeft != nil {
		return fmt.Sprintf("%s (%d tries left)", p.Code, *p.TriesLeft)
	}
	return p.Code
}

// Client speaks the protocol. The zero value with an HTTP client is ready.
type Client struct {
	HTTP *http.Client
	Now  func() time.Time // nil: the computer's clock
	// Tamper, for tests, may change a signed request before it is sent.
	Tamper func(*http.Request)
}

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// send signs a message with a key (app-protocol.md §3), sends it and reads the answer.
func (c *Client) send(ctx context.Context, key Key, keyID, method, target string, in, out any) error {
	body := []byte{}
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if err := c.sign(req, key, keyID, target, body); err != nil {
		return err
	}
	if c.Tamper != nil {
		c.Tamper(req)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		p := &Problem{Status: res.StatusCode}
		if err := json.Unmarshal(answer, p); err != nil || p.Code == "" {
			return fmt.Errorf("the server answered %s", res.Status)
		}
		return p
	}
	return json.Unmarshal(answer, out)
}

func (c *Client) sign(req *http.Request, key Key, keyID, target string, body []byte) error {
	sum := sha256.Sum256(body)
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	nonce := make([]byte, 18)
	if _, err := rand.Read(nonce); err != nil {
		return err
	}
	params := fmt.Sprintf(`("@method" "@target-uri" "content-digest");created=%d;nonce="%s";keyid="%s";tag="eulogin-app/1"`,
		c.now().Unix(), base64.RawURLEncoding.EncodeToString(nonce), keyID)
	sig, err := key.sign([]byte(fmt.Sprintf("\"@method\": %s\n\"@target-uri\": %s\n\"content-digest\": %s\n\"@signature-params\": %s",
		req.Method, target, digest, params)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Digest", digest)
	req.Header.Set("Signature-Input", "app="+params)
	req.Header.Set("Signature", "app=:"+base64.StdEncoding.EncodeToString(sig)+":")
	return nil
}
