package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

const (
	shutdown = 15 * time.Second // how long requests under way may take
	overdue  = 5 * time.Second  // how much longer a part may need after that
)

// Group is what a process runs: listeners and background work. The parts stop together: each
// leaves its work in the stores, so that none needs another to end well.
type Group struct {
	Log      *slog.Logger
	Drain    time.Duration // how long "not ready" is shown before anything stops; 0: at once
	Patience time.Duration // how long parts may take to stop; 0: 20 s
	tasks    []task
	stopping atomic.Bool
}

type task struct {
	name string
	run  func(ctx context.Context) error
}

// Add adds background work that runs until its context ends. If it returns an error, or
// returns early, the whole process stops.
func (g *Group) Add(name string, run func(ctx context.Context) error) {
	g.tasks = append(g.tasks, task{name, run})
}

// AddHTTP adds an HTTP listener with timeouts on everything that a slow or hostile client
// could draw out. The port is taken at once, and served when the group runs.
func (g *Group) AddHTTP(name, addr string, h http.Handler) error {
	srv := NewHTTP(h, g.Log)
	return g.addHTTP(name, addr, srv, srv.Serve)
}

// AddHTTPS is AddHTTP with TLS.
func (g *Group) AddHTTPS(name, addr string, h http.Handler, c *tls.Config) error {
	srv := NewHTTP(h, g.Log)
	srv.TLSConfig = c
	return g.addHTTP(name, addr, srv, func(l net.Listener) error { return srv.ServeTLS(l, "", "") })
}

func (g *Group) addHTTP(name, addr string, srv *http.Server, serve func(net.Listener) error) error {
	return g.listen(name, addr, serve, func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdown)
		defer cancel()
		if srv.Shutdown(ctx) != nil {
			g.Log.Warn("requests were cut off", "part", name)
			_ = srv.Close()
		}
	})
}

// AddGRPC adds a gRPC listener.
func (g *Group) AddGRPC(name, addr string, srv *grpc.Server) error {
	return g.listen(name, addr, srv.Serve, func() {
		cut := time.AfterFunc(shutdown, func() {
			g.Log.Warn("calls were cut off", "part", name)
			srv.Stop()
		})
		defer cut.Stop()
		srv.GracefulStop()
	})
}

func (g *Group) listen(name, addr string, serve func(net.Listener) error, stop func()) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	g.Add(name, func(ctx context.Context) error {
		failed := make(chan error, 1)
		go func() { failed <- serve(l) }()
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
			stop()
			return nil
		}
	})
	return nil
}

type ended struct {
	name string
	err  error
}

// Run runs everything until the context ends or one part fails. It first says "not ready",
// waits for load balancers to notice, and then stops all parts. A part that does not stop in
// time is named in the error and left behind.
func (g *Group) Run(ctx context.Context) error {
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	running, done := map[string]bool{}, make(chan ended, len(g.tasks))
	for _, t := range g.tasks {
		if running[t.name] {
			return fmt.Errorf("two parts are named %s", t.name)
		}
		running[t.name] = true
	}
	for _, t := range g.tasks {
		go func() { done <- ended{t.name, t.run(inner)} }()
	}
	failure := g.wait(ctx, done, running)
	g.stopping.Store(true)
	stop()
	patience := g.Patience
	if patience == 0 {
		patience = shutdown + overdue
	}
	late := time.After(patience)
	for len(running) > 0 {
		select {
		case e := <-done:
			delete(running, e.name)
			failure = errors.Join(failure, wrap(e.name, e.err))
		case <-late:
			return errors.Join(failure, fmt.Errorf("did not stop: %s", strings.Join(slices.Sorted(maps.Keys(running)), ", ")))
		}
	}
	return failure
}

// wait waits until it is time to stop all parts.
func (g *Group) wait(ctx context.Context, done <-chan ended, running map[string]bool) error {
	var drained <-chan time.Time
	asked := ctx.Done()
	for {
		select {
		case <-asked:
			g.stopping.Store(true)
			asked, drained = nil, time.After(g.Drain)
		case <-drained:
			return nil
		case e := <-done:
			delete(running, e.name)
			if drained != nil { // it may stop by itself by now
				return wrap(e.name, e.err)
			}
			return errors.Join(wrap(e.name, e.err), fmt.Errorf("%s stopped", e.name))
		}
	}
}

// Stopping reports whether the process is on its way out; it is no longer ready then.
func (g *Group) Stopping() bool { return g.stopping.Load() }

func wrap(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}
