package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"eulogin.example/proto/kit/fault"
)

// State is what an operator lets a client of the database do.
type State string

// The states. Only an active client gets anything; the id of a removed one is never given again.
const (
	Active   State = "active"
	Pending  State = "pending" // registered by itself, and waits for an operator's approval
	Disabled State = "disabled"
	Removed  State = "removed"
)

// The failures of looking a client up and of reading those of the database.
var (
	ErrDisabled = fault.New(fault.Denied, "client.disabled")
	// ErrTwice says that an id stands in a file and in the database.
	ErrTwice = fault.New(fault.Conflict, "client.twice")
	// ErrUnreadable says that clients of the database could not be read, which are left out.
	ErrUnreadable = fault.New(fault.Internal, "client.unreadable")
)

// Stored is a client as the database has it, its secrets open.
type Stored struct {
	ID       string
	Metadata []byte
	State    State
	Secrets  []Secret
	Since    time.Time // registered; or removed, where it is
	Err      error     // why it cannot be read
}

// Database gives the clients that stand there.
type Database interface {
	// Changed gives those that changed after a place in the order of all changes, and the last
	// place. It is asked every few seconds: with no change it must cost next to nothing.
	Changed(ctx context.Context, after int64) ([]Stored, int64, error)
}

// Registry holds the registered clients in memory: those of files, and those of the database. An id
// stands in one of both. Looking one up costs no trip.
type Registry struct {
	dir      string
	loopback bool
	state    atomic.Pointer[registered]
	of       *Registry // of which this is the rehearsal; nil: this is the registry itself

	mu     sync.Mutex // of readings; what follows is theirs
	db     Database   // nil: none
	place  int64
	files  map[string]standing
	stored map[string]standing
}

// standing is a client and what it may do.
type standing struct {
	client *Client
	state  State
	since  time.Time // of one of the database
}

// registered is what the last readings gave. It does not change.
type registered struct {
	clients map[string]standing
	origins map[string]bool   // of the redirect addresses of public clients in browsers
	owners  map[string]string // the client that is the resource server of a resource
	types   map[string]string // the client that defines a type of authorization details
	offered []string          // those of the types whose client may be served, sorted
}

// Load reads every *.json of a folder. All faults of all files are reported together.
func Load(dir string, loopback bool) (*Registry, error) {
	r := &Registry{dir: dir, loopback: loopback, stored: map[string]standing{}}
	return r, r.Reload()
}

// Use adds the clients of a database. An id that stands twice is a failure; ErrUnreadable is one of
// single clients, without which the others are served.
func (r *Registry) Use(ctx context.Context, db Database) error {
	r.mu.Lock()
	r.db = db
	r.mu.Unlock()
	return r.Refresh(ctx)
}

// Reload reads the folder again; with a fault the former clients stay.
func (r *Registry) Reload() error {
	names, err := filepath.Glob(filepath.Join(r.dir, "*.json"))
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var faults []error
	files := map[string]standing{}
	for _, name := range names {
		c, err := r.read(name, files)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", filepath.Base(name), err))
			continue
		}
		files[c.ID] = standing{client: c, state: Active}
	}
	all := together(r.stored, files)
	_, doubled := owners(all, resourcesOf)
	_, defined := owners(all, typesOf)
	if err := errors.Join(append(faults, doubled, defined)...); err != nil {
		return err
	}
	r.files = files
	return r.publish()
}

// read reads one file, beside those that were read before it.
func (r *Registry) read(name string, before map[string]standing) (*Client, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	c, err := Parse(raw, r.loopback)
	switch {
	case err != nil:
		return nil, err
	case before[c.ID].client != nil:
		return nil, fmt.Errorf("client %q stands twice", c.ID)
	case c.NeedsSecret():
		return nil, fmt.Errorf("client %q: %s has a secret, and files hold none: register it with idp client register", c.ID, c.AuthMethod)
	}
	if s, twice := r.stored[c.ID]; twice && s.state != Removed {
		return nil, ErrTwice.Because(fmt.Errorf("client %q stands in the database too", c.ID))
	}
	return c, nil
}

// Refresh reads what changed in the database. A client that cannot be read is left out and reported
// (ErrUnreadable); one that stands in a file too is the file's until somebody removes one of both.
func (r *Registry) Refresh(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.db == nil {
		return nil
	}
	changed, place, err := r.db.Changed(ctx, r.place)
	if err != nil || len(changed) == 0 {
		return err
	}
	var unreadable, twice []error
	for _, c := range changed {
		s, err := r.open(c)
		if err != nil {
			unreadable = append(unreadable, fmt.Errorf("client %q: %w", c.ID, err))
		}
		if _, is := r.files[c.ID]; is && c.State != Removed {
			twice = append(twice, fmt.Errorf("client %q stands in the database and in a file", c.ID))
		}
		r.stored[c.ID] = s
	}
	r.place = place
	if err := errors.Join(append(twice, r.publish())...); err != nil {
		return ErrTwice.Because(err)
	}
	if len(unreadable) > 0 {
		return ErrUnreadable.Because(errors.Join(unreadable...))
	}
	return nil
}

func (r *Registry) open(s Stored) (standing, error) {
	if s.State == Removed || s.Err != nil {
		return standing{state: s.State, since: s.Since}, s.Err
	}
	c, err := Parse(s.Metadata, r.loopback)
	if err == nil && c.ID != s.ID {
		err = fmt.Errorf("its metadata are those of %q", c.ID)
	}
	if err != nil {
		return standing{state: s.State}, err
	}
	c.Secrets, c.Since = s.Secrets, s.Since
	return standing{c, s.State, s.Since}, nil
}

// together are the clients of both kinds; of one that stands twice, the file's counts. A file's that has the id of
// one of the database has it since that one ended.
func together(stored, files map[string]standing) map[string]standing {
	all := maps.Clone(stored)
	maps.DeleteFunc(all, func(_ string, s standing) bool { return s.client == nil })
	for id, s := range files {
		if was, there := stored[id]; there {
			own := *s.client
			own.Since, s.client = was.since, &own
		}
		all[id] = s
	}
	return all
}

// publish lets the clients of both kinds be found. Its error tells of a resource or a type of
// authorization details with two owners, which is nobody's then.
func (r *Registry) publish() error {
	all := together(r.stored, r.files)
	owned, doubled := owners(all, resourcesOf)
	types, defined := owners(all, typesOf)
	offered := slices.DeleteFunc(slices.Sorted(maps.Keys(types)), func(t string) bool { return all[types[t]].state != Active })
	r.state.Store(&registered{all, origins(all), owned, types, offered})
	return errors.Join(doubled, defined)
}

// origins are where scripts of public web clients run.
func origins(all map[string]standing) map[string]bool {
	out := map[string]bool{}
	for _, s := range all {
		if s.state != Active || s.client.IntegrationCheck || s.client.AuthMethod != None || s.client.ApplicationType != "web" {
			continue
		}
		for _, raw := range s.client.RedirectURIs {
			out[origin(raw)] = true
		}
	}
	return out
}

// ByID finds a client that may be served: ErrUnknown when there is none, ErrDisabled when an operator
// lets it do nothing.
func (r *Registry) ByID(_ context.Context, id string) (*Client, error) {
	s := r.now().clients[id]
	switch {
	case !r.sees(s):
		return nil, ErrUnknown
	case s.state != Active:
		return nil, ErrDisabled
	}
	return s.client, nil
}

// Known finds a client whatever its state, for what it may still be told: that a session ended. It finds
// those of the integration check too, which no session has.
func (r *Registry) Known(_ context.Context, id string) (*Client, error) {
	if s, ok := r.now().clients[id]; ok {
		return s.client, nil
	}
	return nil, ErrUnknown
}

// Files lists the clients of files, by their ids.
func (r *Registry) Files() []*Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]*Client, 0, len(r.files))
	for _, s := range r.files {
		out = append(out, s.client)
	}
	slices.SortFunc(out, func(a, b *Client) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// InFile reports whether a client stands in a file.
func (r *Registry) InFile(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.files[id].client != nil
}

// Parse checks metadata by the rules of this registry.
func (r *Registry) Parse(raw []byte) (*Client, error) { return Parse(raw, r.loopback) }

// Scripts reports whether scripts of this origin belong to a public client.
func (r *Registry) Scripts(origin string) bool { return r.now().origins[origin] }
