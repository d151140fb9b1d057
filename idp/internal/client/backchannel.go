package client

// CIBA is the grant of services that ask a person on the phone, without a browser (OpenID Connect
// Client-Initiated Backchannel Authentication Core 1.0 §4).
const CIBA = "urn:openid:params:grant-type:ciba"

// The ways in which a service hears that the person answered (CIBA Core §5).
const (
	DeliverPoll = "poll" // it asks the token endpoint
	DeliverPing = "ping" // it is told that it may ask
)

// Deliveries are those that are offered.
var Deliveries = []string{DeliverPoll, DeliverPing}

// Backchannel is how a service asks people on their phones.
type Backchannel struct {
	Delivery string `json:"backchannel_token_delivery_mode,omitempty"`
	// PingURI is where a service that chose ping is told.
	PingURI string `json:"backchannel_client_notification_endpoint,omitempty"`
}

func (b Backchannel) rules(c *Client, loopback bool) []rule {
	rules := []rule{
		{c.Allows(CIBA) != (b.Delivery == DeliverPoll || b.Delivery == DeliverPing), "backchannel_token_delivery_mode must be poll or ping, and goes with the grant " + CIBA},
		{(b.Delivery == DeliverPing) != (b.PingURI != ""), "backchannel_client_notification_endpoint goes with the delivery mode ping"},
		{c.Allows(CIBA) && c.AuthMethod == None, "token_endpoint_auth_method must not be none where " + CIBA + " is registered"},
	}
	if b.PingURI != "" {
		rules = append(rules, addressRule("backchannel_client_notification_endpoint", b.PingURI, loopback))
	}
	return rules
}
