// Package sector reads the list behind a sector_identifier_uri (OpenID Connect Registration §5) when a client
// is registered, and holds the client's redirect addresses against it: whoever is not named there could
// otherwise put itself into a sector, and learn the subs that belong to others.
//
// It owns no sub; package pairwise does.
package sector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/outward"
)

// listLimit is the longest list that is read, in bytes.
const listLimit = 64 << 10

// Reader reads lists through a client that reaches no forbidden address and follows nothing (package outward;
// security case 39).
type Reader struct{ HTTP *http.Client }

// Check gives *client.Faults when the list cannot be read, or lacks one of the redirect addresses. A client
// without a list is good.
func (r Reader) Check(ctx context.Context, c *client.Client) error {
	if c.SectorURI == "" {
		return nil
	}
	raw, err := outward.Get(ctx, r.HTTP, c.SectorURI, "application/json", listLimit)
	if err != nil {
		return fault(c, "cannot be read: "+err.Error())
	}
	list, err := parse(raw)
	if err != nil {
		return fault(c, err.Error())
	}
	for _, uri := range c.RedirectURIs {
		if !slices.Contains(list, uri) {
			return fault(c, fmt.Sprintf("the list lacks %q", uri))
		}
	}
	return nil
}

// parse reads a list: a JSON array of addresses, and nothing else. It is pure.
func parse(raw []byte) (list []string, err error) {
	if err := json.Unmarshal(raw, &list); err != nil || list == nil {
		return nil, errors.New("it is no JSON array of addresses")
	}
	return list, nil
}

func fault(c *client.Client, text string) error {
	return &client.Faults{Client: c.ID, List: []client.Fault{{Member: "sector_identifier_uri", Text: "sector_identifier_uri: " + text}}}
}
