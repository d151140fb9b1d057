package client

// Presentation is what people are shown of a client when they decide whether to trust it (OpenID Connect
// Registration §2). Nothing of it is fetched by us.
type Presentation struct {
	LogoURI   string `json:"logo_uri,omitempty"`
	PolicyURI string `json:"policy_uri,omitempty"` // how it uses what it learns of people
	TermsURI  string `json:"tos_uri,omitempty"`
}

// rules let only addresses in that a page can link to: no script (security case 37).
func (p Presentation) rules(loopback bool) (rules []rule) {
	for _, a := range [][2]string{{"logo_uri", p.LogoURI}, {"policy_uri", p.PolicyURI}, {"tos_uri", p.TermsURI}} {
		if a[1] != "" {
			rules = append(rules, addressRule(a[0], a[1], loopback))
		}
	}
	return rules
}
