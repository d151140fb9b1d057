package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

const (
	shutdown = 15 * time.Second // how long requests under way may take
)

// Group is what a process runs: listeners and background work.
type Group struct {
	Log      *slog.Logger
	Drain    time.Duration // 0: at once (development)
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
// could draw out.
func (g *Group) AddHTTP(name, addr string, h http.Handler) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	srv := NewHTTP(h, g.Log)
	g.Add(name, func(ctx context.Context) error {
		failed := make(chan error, 1)
		go func() { failed <- srv.Serve(l) }()
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdown)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			return srv.Close()
		}
		return nil
	})
	return nil
}

// AddGRPC adds a gRPC listener.
func (g *Group) AddGRPC(name, addr string, srv *grpc.Server) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	g.Add(name, func(ctx context.Context) error {
		failed := make(chan error, 1)
		go func() { failed <- srv.Serve(l) }()
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
		}
		stop := time.AfterFunc(shutdown, srv.Stop)
		defer stop.Stop()
		srv.GracefulStop()
		return nil
	})
	return nil
}

// NewHTTP makes a server whose timeouts end slow requests (security case 44).
func NewHTTP(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 90 * time.Second, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// Run runs everything until the context ends or one part fails. It first says "not ready",
// waits for load balancers to notice, and then stops all parts.
func (g *Group) Run(ctx context.Context) error {
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	type ended struct {
		name string
		err  error
	}
	done := make(chan ended, len(g.tasks))
	for _, t := range g.tasks {
		go func() { done <- ended{t.name, t.run(inner)} }()
	}
	var failure error
	left := len(g.tasks)
	select {
	case <-ctx.Done():
		g.stopping.Store(true)
		select { // let the readiness probe be seen before the listeners close
		case <-time.After(g.Drain):
		case e := <-done:
			left--
			failure = errors.Join(failure, wrap(e.name, e.err))
		}
	case e := <-done:
		left--
		failure = errors.Join(wrap(e.name, e.err), fmt.Errorf("%s stopped", e.name))
	}
	g.stopping.Store(true)
	stop()
	for range left {
		e := <-done
		failure = errors.Join(failure, wrap(e.name, e.err))
	}
	return failure
}

// Stopping reports whether the process is on its way out; it is no longer ready then.
func (g *Group) Stopping() bool { return g.stopping.Load() }

func wrap(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}
