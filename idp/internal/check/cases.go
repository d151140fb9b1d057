package check

// Part is where a case is played.
type Part string

// The parts, in the order in which they are shown.
const (
	Good          Part = "good"          // answers that a service must take
	Authorization Part = "authorization" // the answer that the browser brings
	Token         Part = "token"         // the ID token
	UserInfo      Part = "userinfo"
	Logout        Part = "logout" // tokens at the service's back-channel address
)

// Parts lists them.
var Parts = []Part{Good, Authorization, Token, UserInfo, Logout}

// Duty is how strongly the specification asks for it (RFC 2119).
type Duty string

// The duties. What is only allowed is advice, and does not count.
const (
	Must   Duty = "must"
	Should Duty = "should"
	May    Duty = "may"
)

// Need is what a case takes from the service to be played at all.
type Need string

// The needs: parameters of the authorization request, or a registered address.
const (
	Nothing     Need = ""
	NeedState   Need = "state"
	NeedNonce   Need = "nonce"
	NeedACR     Need = "acr" // a level above the lowest
	NeedMaxAge  Need = "max_age"
	NeedInfo    Need = "userinfo" // that the service asks userinfo
	NeedAddress Need = "backchannel_logout_uri"
)

// Case is one thing that is played.
type Case struct {
	ID   string
	Part Part
	Duty Duty
	Rule string // where the specification says so
	Need Need
}

// Accept reports whether the service must take what it gets.
func (c Case) Accept() bool { return c.Part == Good || c.ID == "logout-good" }

// Cases are all of them. The good ones come first: a service that refuses everything is not careful. The
// key that is new comes before those that nobody published, after which services rightly wait before
// they ask for keys again.
var Cases = []Case{
	{"good", Good, Must, "OpenID Connect Core 1.0 §3.1.3.7", Nothing},
	{"rotation", Good, Must, "OpenID Connect Core 1.0 §10.1.1", Nothing},
	{"extras", Good, Must, "RFC 6749 §4.1.2, §5.1; OpenID Connect Core 1.0 §2", Nothing},

	{"state-wrong", Authorization, Must, "RFC 6749 §10.12; RFC 9700 §2.1", NeedState},
	{"state-missing", Authorization, Must, "RFC 6749 §10.12; RFC 9700 §2.1", NeedState},
	{"iss-wrong", Authorization, Must, "RFC 9207 §2.4; RFC 9700 §2.1", Nothing},
	{"iss-missing", Authorization, Must, "RFC 9207 §2.4", Nothing},
	{"error", Authorization, Must, "OpenID Connect Core 1.0 §3.1.2.6", Nothing},
	{"code-foreign", Authorization, Must, "RFC 6749 §5.2; RFC 9700 §2.1.1", Nothing},

	{"iss", Token, Must, "OpenID Connect Core 1.0 §3.1.3.7, 2", Nothing},
	{"aud-wrong", Token, Must, "OpenID Connect Core 1.0 §3.1.3.7, 3", Nothing},
	{"aud-extra", Token, Must, "OpenID Connect Core 1.0 §3.1.3.7, 3", Nothing},
	{"signature", Token, Must, "OpenID Connect Core 1.0 §3.1.3.7, 6", Nothing},
	{"alg-none", Token, Must, "OpenID Connect Core 1.0 §3.1.3.7, 7; RFC 8725 §3.1", Nothing},
	{"alg-hs256", Token, Must, "OpenID Connect Core 1.0 §3.1.3.7, 7; RFC 8725 §3.1", Nothing},
	{"expired", Token, Must, "OpenID Connect Core 1.0 §3.1.3.7, 9", Nothing},
	{"nonce-wrong", Token, Must, "OpenID Connect Core 1.0 §3.1.3.7, 11", NeedNonce},
	{"nonce-missing", Token, Must, "OpenID Connect Core 1.0 §3.1.3.7, 11", NeedNonce},
	{"sub-missing", Token, Must, "OpenID Connect Core 1.0 §2", Nothing},
	{"acr-low", Token, Should, "OpenID Connect Core 1.0 §3.1.3.7, 12", NeedACR},
	{"auth-time", Token, Should, "OpenID Connect Core 1.0 §3.1.3.7, 13", NeedMaxAge},
	{"typ-logout", Token, Should, "RFC 8725 §3.12; OpenID Connect Back-Channel Logout 1.0 §2.4", Nothing},
	{"typ-access", Token, Should, "RFC 8725 §3.12; RFC 9068 §2.1", Nothing},
	{"future", Token, May, "OpenID Connect Core 1.0 §3.1.3.7, 10", Nothing},
	{"at-hash", Token, May, "OpenID Connect Core 1.0 §3.1.3.8", Nothing},

	{"userinfo-sub", UserInfo, Must, "OpenID Connect Core 1.0 §5.3.2", NeedInfo},

	{"logout-good", Logout, Must, "OpenID Connect Back-Channel Logout 1.0 §2.8", NeedAddress},
	{"logout-signature", Logout, Must, "OpenID Connect Back-Channel Logout 1.0 §2.6", NeedAddress},
	{"logout-aud", Logout, Must, "OpenID Connect Back-Channel Logout 1.0 §2.6", NeedAddress},
	{"logout-nonce", Logout, Must, "OpenID Connect Back-Channel Logout 1.0 §2.6", NeedAddress},
	{"logout-events", Logout, Must, "OpenID Connect Back-Channel Logout 1.0 §2.6", NeedAddress},
	{"logout-replay", Logout, May, "OpenID Connect Back-Channel Logout 1.0 §2.6", NeedAddress},
}

// CaseOf finds a case by its id.
func CaseOf(id string) (Case, bool) {
	for _, c := range Cases {
		if c.ID == id {
			return c, true
		}
	}
	return Case{}, false
}
