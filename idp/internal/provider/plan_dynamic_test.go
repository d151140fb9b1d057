package provider_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/clientkeys"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/idp/internal/signing"
)

// oidcc-dynamic-certification-test-plan with response_type=code; the plan itself fixes
// client_auth_type=private_key_jwt and client_registration=dynamic_client.
func TestPlanDynamic(t *testing.T) { plan(t, "Dynamic OP", "", dynamicModules) }

var dynamicModules = []module{
	{"oidcc-idtoken-rs256", func(c *conforming) string {
		p := c.party(map[string]any{"id_token_signed_response_alg": "RS256"})
		header, claims, _ := p.signsIn()
		c.wants(header.Algorithm == "RS256" && header.KeyID != "" && claims["aud"] == p.id, "%v %v", header, claims)
		return ""
	}},
	{"oidcc-idtoken-unsigned", unsignedIDToken},
	{"oidcc-userinfo-rs256", func(c *conforming) string {
		c.wants(c.supports("userinfo_signing_alg_values_supported", "RS256"), "it is not offered")
		p := c.party(map[string]any{"userinfo_signed_response_alg": "RS256"})
		all, rec := c.token(p.proves(exchange(p.answers().Get("code")), c.issuer))
		c.wants(all.ID != "", "%d %s", rec.Code, rec.Body)
		rec = c.userinfo(all.Access)
		c.wants(rec.Code == http.StatusOK && rec.Header().Get("Content-Type") == "application/jwt", "%d %v", rec.Code, rec.Header())
		told := c.claims(rec.Body.String())
		c.wants(told["sub"] == string(anna) && told["iss"] == c.issuer && told["aud"] == p.id && told["nonce"] == nil, "%v", told)
		return ""
	}},
	{"oidcc-ensure-redirect-uri-in-authorization-request", func(c *conforming) string {
		p := c.party(map[string]any{"redirect_uris": []string{callback, "https://rp.example/second"}})
		return p.refusedAsPage("redirect_uri", "")
	}},
	{"oidcc-redirect-uri-query-OK", func(c *conforming) string {
		p := c.party(map[string]any{"redirect_uris": []string{callback + "?foo=bar"}})
		p.signsIn()
		return ""
	}},
	{"oidcc-redirect-uri-query-mismatch", func(c *conforming) string {
		return c.party(map[string]any{"redirect_uris": []string{callback + "?foo=bar"}}).refusedAsPage("redirect_uri", callback+"?bar=foo")
	}},
	{"oidcc-redirect-uri-query-added", func(c *conforming) string {
		return c.party(nil).refusedAsPage("redirect_uri", callback+"?foo=bar")
	}},
	{"oidcc-redirect-uri-regfrag", func(c *conforming) string {
		return c.notRegistered(map[string]any{"redirect_uris": []string{callback + "#foobar"}}, "invalid_redirect_uri")
	}},
	{"oidcc-discovery-endpoint-verification", func(c *conforming) string {
		discoveryVerified(c)
		c.wants(c.metadata["registration_endpoint"] == c.issuer+"/oauth/register", "%v", c.metadata["registration_endpoint"])
		c.wants(!c.supports("response_types_supported", "id_token") && !c.supports("grant_types_supported", "implicit"), "they are offered, and not tried")
		return "fails: the suite wants the implicit flow of a dynamic provider (RFC 9700 §2.1.2 does not)"
	}},
	{"oidcc-server", func(c *conforming) string {
		p := c.party(nil)
		_, claims, all := p.signsIn()
		c.wants(claims["nonce"] == "n1" && claims["aud"] == p.id && c.informed(all.Access)["sub"] == claims["sub"], "%v", claims)
		return ""
	}},
	{"oidcc-registration-logo-uri", func(c *conforming) string {
		c.wants(c.party(map[string]any{"logo_uri": "https://rp.example/logo.png"}).made["logo_uri"] == "https://rp.example/logo.png", "it is not told back")
		return "fails: pictures of services are not shown"
	}},
	presents("oidcc-registration-policy-uri", "policy_uri"),
	presents("oidcc-registration-tos-uri", "tos_uri"),
	{"oidcc-registration-jwks-uri", func(c *conforming) string {
		p := c.remoteParty(nil)
		p.signsIn()
		return ""
	}},
	sectorModule("oidcc-registration-sector-uri", true),
	sectorModule("oidcc-registration-sector-bad", false),
	{"oidcc-server-rotate-keys", func(c *conforming) string {
		before := c.kids()
		c.pass(signing.Active)
		c.must(c.ring.Refresh(c.t.Context()))
		after := c.kids()
		c.wants(slices.ContainsFunc(after, func(k string) bool { return !slices.Contains(before, k) }), "no new key: %v, then %v", before, after)
		c.wants(slices.ContainsFunc(before, func(k string) bool { return slices.Contains(after, k) }), "all former keys are gone: %v, then %v", before, after)
		return ""
	}},
	{"oidcc-refresh-token-rp-key-rotation", func(c *conforming) string {
		p := c.remoteParty(map[string]any{"grant_types": []string{"authorization_code", "refresh_token"}})
		_, claims, all := p.signsIn("scope", "openid offline_access")
		p.newKey("k2")
		c.pass(clientkeys.Cooldown)
		next, rec := c.token(p.proves(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {all.Refresh}}, c.issuer))
		c.wants(next.Access != "", "%d %s", rec.Code, rec.Body)
		c.wants(c.claims(next.ID)["sub"] == claims["sub"] && c.informed(next.Access)["sub"] == claims["sub"], "another person")
		return ""
	}},
	{"oidcc-request-uri-unsigned", func(c *conforming) string {
		c.wants(!c.supports("request_object_signing_alg_values_supported", "none"), "it is offered, and not tried")
		return "request objects are always signed"
	}},
	{"oidcc-request-uri-signed-rs256", func(c *conforming) string {
		got := c.party(map[string]any{"request_uris": []string{"https://rp.example/request.jwt"}}).answers("request_uri", "https://rp.example/request.jwt")
		c.wants(got.Get("error") == "request_uri_not_supported" && c.metadata["request_uri_parameter_supported"] == false, "%v", got)
		return "fails: request objects at addresses are not fetched; clients push them (RFC 9126)"
	}},
	{"oidcc-ensure-request-object-with-redirect-uri", requestObjectWithRedirect},
	{"oidcc-refresh-token", refreshed},
	{"oidcc-ensure-client-assertion-with-iss-aud-succeeds", func(c *conforming) string {
		p := c.party(nil)
		all, rec := c.token(p.proves(exchange(p.answers().Get("code")), c.issuer))
		c.wants(all.ID != "", "%d %s", rec.Code, rec.Body)
		return ""
	}},
}

// presents is a module that registers an address which the person is shown, on the page that asks whether
// to go on.
func presents(name, member string) module {
	address := "https://rp.example/" + member
	return module{name, func(c *conforming) string {
		own := c.signIn(false)
		rec := c.authorize(c.party(map[string]any{member: address}).request(), own)
		to, err := url.Parse(rec.Header().Get("Location"))
		c.must(err)
		page := c.do("GET", to.RequestURI(), nil, own, rec.Result().Cookies()[0])
		c.wants(page.Code == http.StatusOK && strings.Contains(page.Body.String(), `href="`+address+`"`), "%d: no link to %s", page.Code, address)
		return ""
	}}
}

// sectorModule registers a client of a sector whose list of addresses has its own, or has not.
func sectorModule(name string, good bool) module {
	return module{name, func(c *conforming) string {
		list := []string{"https://other.example/cb"}
		if good {
			list = append(list, callback)
		}
		c.outside["sector.example"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(list)
		})
		changes := map[string]any{"subject_type": "pairwise", "sector_identifier_uri": "https://sector.example/redirect_uris.json"}
		if good {
			c.party(changes)
			return ""
		}
		return c.notRegistered(changes, "invalid_client_metadata")
	}}
}

// kids are the names of the published keys.
func (c *conforming) kids() (out []string) {
	var set jose.JSONWebKeySet
	c.must(json.Unmarshal(c.do("GET", "/oauth/keys", nil).Body.Bytes(), &set))
	for _, k := range set.Keys {
		out = append(out, k.KeyID)
	}
	return out
}

// party is a client as the suite registers it: with an RSA key, and without saying by what it signs.
type party struct {
	*conforming
	id, kid string
	key     *rsa.PrivateKey
	made    map[string]any
}

func (p *party) newKey(kid string) {
	var err error
	p.key, err = rsa.GenerateKey(rand.Reader, 2048)
	p.must(err)
	p.kid = kid
}

func (p *party) set() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: p.kid, Use: "sig", Algorithm: "RS256"}}}
}

// body is the registration request of the suite; changes lay over it.
func (c *conforming) body(changes map[string]any) map[string]any {
	m := map[string]any{
		"client_name": "suite", "grant_types": []string{"authorization_code"}, "response_types": []string{"code"}, "redirect_uris": []string{callback},
		"token_endpoint_auth_method": "private_key_jwt", "contacts": []string{"certification@oidf.example"},
	}
	for k, v := range changes {
		m[k] = v
	}
	return m
}

// party registers with its key in the metadata, which has no kid.
func (c *conforming) party(changes map[string]any) *party {
	c.t.Helper()
	p := &party{conforming: c}
	p.newKey("")
	p.register(changes, "jwks", p.set())
	return p
}

// remoteParty registers with its key at an address.
func (c *conforming) remoteParty(changes map[string]any) *party {
	c.t.Helper()
	p := &party{conforming: c}
	p.newKey("k1")
	c.outside["keys.example"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(p.set()) })
	p.register(changes, "jwks_uri", "https://keys.example/client1_jwks")
	return p
}

func (p *party) register(changes map[string]any, member string, value any) {
	p.t.Helper()
	body := p.body(changes)
	body[member] = value
	made, rec := p.json("POST", p.metadata["registration_endpoint"].(string), p.initial(1, registration.Policy{}), body)
	p.wants(rec.Code == http.StatusCreated && made["client_id"] != nil && made["registration_access_token"] != nil, "%d %s", rec.Code, rec.Body)
	p.made, p.id = made, made["client_id"].(string)
}

// notRegistered expects a registration to be refused.
func (c *conforming) notRegistered(changes map[string]any, code string) string {
	c.t.Helper()
	p := &party{conforming: c}
	p.newKey("")
	body := c.body(changes)
	body["jwks"] = p.set()
	got, rec := c.json("POST", c.metadata["registration_endpoint"].(string), c.initial(1, registration.Policy{}), body)
	c.wants(rec.Code == http.StatusBadRequest && got["error"] == code && strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json"), "%d %s", rec.Code, rec.Body)
	return ""
}

func (p *party) redirect() string { return p.made["redirect_uris"].([]any)[0].(string) }

func (p *party) request(changes ...string) url.Values {
	return ask(append([]string{"client_id", p.id, "redirect_uri", p.redirect(), "scope", "openid"}, changes...)...)
}

// answers is what the client receives after the person agreed to it, where the person is asked.
func (p *party) answers(changes ...string) url.Values {
	p.t.Helper()
	own := p.signIn(false)
	got := answer(p.authorize(p.request(changes...), own))
	if got.Has("flow") {
		got = p.agrees(p.request(changes...), own, "offline_access")
	}
	return got
}

// refusedAsPage expects a page, and no way back to the client.
func (p *party) refusedAsPage(changes ...string) string {
	p.t.Helper()
	rec := p.authorize(p.request(changes...), p.signIn(false))
	p.wants(rec.Code >= 400 && rec.Header().Get("Location") == "" && strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html"), "%d to %q", rec.Code, rec.Header().Get("Location"))
	return ""
}

// proves adds a client assertion for an audience.
func (p *party) proves(form url.Values, audience string) url.Values {
	p.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: p.key, KeyID: p.kid}}, nil)
	p.must(err)
	raw, err := json.Marshal(map[string]any{"iss": p.id, "sub": p.id, "aud": audience, "jti": ident.NewID(rand.Reader), "iat": p.now().Unix(), "exp": p.now().Add(time.Minute).Unix()})
	p.must(err)
	jws, err := signer.Sign(raw)
	p.must(err)
	signed, err := jws.CompactSerialize()
	p.must(err)
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", signed)
	form.Set("client_id", p.id)
	return form
}

// signsIn is the whole code flow, with the token endpoint as audience.
func (p *party) signsIn(changes ...string) (jose.Header, map[string]any, tokens) {
	p.t.Helper()
	got := p.answers(changes...)
	p.wants(got.Get("code") != "" && got.Get("state") == "s1" && got.Get("iss") == p.issuer, "%v", got)
	all, rec := p.token(p.proves(exchange(got.Get("code"), "redirect_uri", p.redirect()), p.metadata["token_endpoint"].(string)))
	p.wants(all.ID != "", "%d %s", rec.Code, rec.Body)
	jws, err := jose.ParseSignedCompact(all.ID, []jose.SignatureAlgorithm{jose.RS256}) // the default of Registration §2
	p.must(err)
	p.wants(p.informed(all.Access)["sub"] == string(anna), "userinfo")
	return jws.Signatures[0].Header, p.claims(all.ID), all
}
