package signin

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/client"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/proto/kit/fault"
)

// ErrProvider says that idp cannot be reached or says something we cannot use; nothing was
// decided, and trying again may work.
var ErrProvider = fault.New(fault.Unavailable, "signin.provider_unavailable")

// discoveryTTL is how long idp's metadata counts as known.
const discoveryTTL = 10 * time.Minute

// provider knows idp's endpoints. It asks when it is first needed, so that cpms starts
// without idp, and keeps the last good answer.
type provider struct {
	issuer   string // as it stands in tokens
	internal string // where cpms reaches idp when that is another address; "" = issuer
	http     *http.Client
	now      func() time.Time

	mu    sync.Mutex
	conf  *oidc.DiscoveryConfiguration
	asked time.Time
}

func (p *provider) endpoints(ctx context.Context) (*oidc.DiscoveryConfiguration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conf != nil && p.now().Sub(p.asked) < discoveryTTL {
		return p.conf, nil
	}
	conf, err := client.Discover(ctx, p.issuer, p.http, p.reach(p.issuer)+"/.well-known/openid-configuration")
	if err != nil {
		if p.conf != nil {
			return p.conf, nil
		}
		return nil, ErrProvider.Because(err)
	}
	p.conf, p.asked = conf, p.now()
	return conf, nil
}

// reach turns one of idp's public addresses into the one that this process can reach.
func (p *provider) reach(address string) string {
	if p.internal == "" {
		return address
	}
	if rest, ok := strings.CutPrefix(address, p.issuer); ok {
		return strings.TrimSuffix(p.internal, "/") + rest
	}
	return address
}

// authorizeURL adds parameters to the authorization endpoint.
func authorizeURL(endpoint string, q url.Values) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", ErrProvider.Because(err)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}
