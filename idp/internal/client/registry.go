package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
)

// Registry holds the registered clients in memory.
type Registry struct {
	dir      string
	loopback bool
	state    atomic.Pointer[registered]
}

// registered is what one reading of the folder gave. It does not change.
type registered struct {
	clients map[string]*Client
	origins map[string]bool   // of the redirect addresses of public clients in browsers
	owners  map[string]string // the client that is the resource server of a resource
}

// Load reads every *.json of a folder. All faults of all files are reported together.
func Load(dir string, loopback bool) (*Registry, error) {
	r := &Registry{dir: dir, loopback: loopback}
	return r, r.Reload()
}

// Reload reads the folder again; with a fault the former clients stay.
func (r *Registry) Reload() error {
	files, err := filepath.Glob(filepath.Join(r.dir, "*.json"))
	if err != nil {
		return err
	}
	var faults []error
	clients := map[string]*Client{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err == nil {
			var c *Client
			if c, err = Parse(raw, r.loopback); err == nil {
				if clients[c.ID] != nil {
					err = fmt.Errorf("client %q stands twice", c.ID)
				}
				clients[c.ID] = c
			}
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", filepath.Base(f), err))
		}
	}
	owned, err := owners(clients)
	if err := errors.Join(append(faults, err)...); err != nil {
		return err
	}
	r.state.Store(&registered{clients, origins(clients), owned})
	return nil
}

// origins are where scripts of public web clients run.
func origins(clients map[string]*Client) map[string]bool {
	out := map[string]bool{}
	for _, c := range clients {
		if c.AuthMethod != None || c.ApplicationType != "web" {
			continue
		}
		for _, raw := range c.RedirectURIs {
			if u, err := url.Parse(raw); err == nil {
				out[u.Scheme+"://"+u.Host] = true
			}
		}
	}
	return out
}

// ByID finds a client, or ErrUnknown.
func (r *Registry) ByID(_ context.Context, id string) (*Client, error) {
	if s := r.state.Load(); s != nil && s.clients[id] != nil {
		return s.clients[id], nil
	}
	return nil, ErrUnknown
}

// Scripts reports whether scripts of this origin belong to a public client.
func (r *Registry) Scripts(origin string) bool {
	s := r.state.Load()
	return s != nil && s.origins[origin]
}
