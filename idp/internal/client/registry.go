package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
)

// Registry holds the registered clients in memory.
type Registry struct {
	dir      string
	loopback bool
	clients  atomic.Pointer[map[string]*Client]
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
	if err := errors.Join(faults...); err != nil {
		return err
	}
	r.clients.Store(&clients)
	return nil
}

// ByID finds a client, or ErrUnknown.
func (r *Registry) ByID(_ context.Context, id string) (*Client, error) {
	if m := r.clients.Load(); m != nil {
		if c := (*m)[id]; c != nil {
			return c, nil
		}
	}
	return nil, ErrUnknown
}

// All lists the clients by id.
func (r *Registry) All() []*Client {
	var out []*Client
	if m := r.clients.Load(); m != nil {
		for _, c := range *m {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *Client) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return out
}
