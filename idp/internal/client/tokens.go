package client

import (
	"fmt"
	"time"
)

// Tokens is what a client gets, and for how long.
type Tokens struct {
	DPoPBound       bool     `json:"dpop_bound_access_tokens,omitempty"` // RFC 9449 §5.2
	Introspects     []string `json:"introspects,omitempty"`              // further clients whose tokens it may introspect
	AccessTokenTTL  int64    `json:"access_token_lifetime,omitempty"`    // seconds; 0 = the usual one
	IDTokenTTL      int64    `json:"id_token_lifetime,omitempty"`        // seconds
	RefreshTokenTTL int64    `json:"refresh_token_lifetime,omitempty"`   // seconds
}

func (t Tokens) rules(c *Client) []rule {
	rules := []rule{
		{len(t.Introspects) > 0 && c.AuthMethod == None, "a public client introspects nothing"},
		{t.RefreshTokenTTL != 0 && !c.Allows("refresh_token"), "refresh_token_lifetime goes with the grant refresh_token"},
	}
	for _, l := range []struct {
		name    string
		seconds int64
		longest time.Duration
	}{
		{"access_token_lifetime", t.AccessTokenTTL, longestAccessToken},
		{"id_token_lifetime", t.IDTokenTTL, longestIDToken},
		{"refresh_token_lifetime", t.RefreshTokenTTL, longestRefreshToken},
	} {
		most := int64(l.longest / time.Second)
		rules = append(rules, rule{l.seconds != 0 && (l.seconds < 60 || l.seconds > most), fmt.Sprintf("%s must be 60 to %d seconds", l.name, most)})
	}
	return rules
}

// The usual lifetimes of what a client gets, and the longest that it may register. An ID token
// lives at most an hour more than a session (domain.md row 25).
const (
	accessTokenLife  = 5 * time.Minute
	idTokenLife      = time.Hour
	refreshTokenLife = 30 * 24 * time.Hour

	longestAccessToken  = time.Hour
	longestIDToken      = 13 * time.Hour
	longestRefreshToken = 90 * 24 * time.Hour
)

// AccessTokenLife says how long an access token is good.
func (t Tokens) AccessTokenLife() time.Duration { return life(t.AccessTokenTTL, accessTokenLife) }

// IDTokenLife says how long an ID token is good.
func (t Tokens) IDTokenLife() time.Duration { return life(t.IDTokenTTL, idTokenLife) }

// RefreshTokenLife says how long a refresh family is good, from its sign-in on.
func (t Tokens) RefreshTokenLife() time.Duration { return life(t.RefreshTokenTTL, refreshTokenLife) }

func life(seconds int64, usual time.Duration) time.Duration {
	if seconds == 0 {
		return usual
	}
	return time.Duration(seconds) * time.Second
}
