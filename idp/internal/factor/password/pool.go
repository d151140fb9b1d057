package password

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/proto/kit/fault"
)

// ErrBusy says that too many hashes wait already, or that none was free in time; nothing
// was decided and the same request may be made again.
var ErrBusy = fault.New(fault.Unavailable, "password.busy").After(2 * time.Second)

// Observer sees what the pool does, for metrics. Its methods must be quick and safe for
// concurrent use.
type Observer interface {
	HashQueue(waiting int)        // how many wait now
	HashWaited(d time.Duration)   // one stopped waiting and got a worker
	HashComputed(d time.Duration) // one was computed
	HashRefused()                 // one was turned away with ErrBusy
}

// PoolConfig is what a pool needs; every field but Observer is required.
type PoolConfig struct {
	Params   Params        // of new hashes
	Workers  int           // hashes computed at once; memory is Workers × MemoryKiB
	Queue    int           // how many may wait; one more gives ErrBusy at once
	MaxWait  time.Duration // longest wait before ErrBusy
	Now      func() time.Time
	Rand     io.Reader
	Observer Observer
}

// Pool computes slow hashes on a bounded number of workers, so that a flood of guesses
// costs waiting and not memory (security-cases.md row 44).
type Pool struct {
	cfg     PoolConfig
	admit   chan struct{} // one token per caller inside: waiting or computing
	workers chan struct{} // one token per hash being computed
}

// NewPool checks the configuration.
func NewPool(c PoolConfig) (*Pool, error) {
	if !c.Params.valid() || c.Workers < 1 || c.Queue < 0 || c.MaxWait <= 0 || c.Now == nil || c.Rand == nil {
		return nil, errors.New("password: pool wants valid Params, Workers >= 1, Queue >= 0, MaxWait > 0, Now and Rand")
	}
	if c.Observer == nil {
		c.Observer = unobserved{}
	}
	return &Pool{cfg: c, admit: make(chan struct{}, c.Workers+c.Queue), workers: make(chan struct{}, c.Workers)}, nil
}

// Hash gives the encoded hash of plain with a fresh salt.
func (p *Pool) Hash(ctx context.Context, plain string) (string, error) {
	salt := make([]byte, saltBytes)
	_, err := io.ReadFull(p.cfg.Rand, salt)
	if err != nil {
		return "", err
	}
	var encoded string
	err = p.run(ctx, func() error {
		encoded = p.cfg.Params.encode(plain, salt)
		return nil
	})
	return encoded, err
}

// Verify reports whether plain is what the encoded hash was made of.
func (p *Pool) Verify(ctx context.Context, encoded, plain string) (bool, error) {
	var ok bool
	err := p.run(ctx, func() (err error) {
		ok, err = match(encoded, plain)
		return err
	})
	return ok && err == nil, err
}

// Stale reports whether a hash was made with other parameters than new ones get.
func (p *Pool) Stale(encoded string) bool {
	used, _, _, err := parse(encoded)
	return err == nil && used != p.cfg.Params
}

// run computes with one worker, or gives ErrBusy.
func (p *Pool) run(ctx context.Context, compute func() error) error {
	select {
	case p.admit <- struct{}{}:
		defer func() { <-p.admit }()
	default:
		p.cfg.Observer.HashRefused()
		return ErrBusy
	}
	err := p.await(ctx)
	if err != nil {
		return err
	}
	defer func() { <-p.workers }()
	begin := p.cfg.Now()
	defer func() { p.cfg.Observer.HashComputed(p.cfg.Now().Sub(begin)) }()
	return compute()
}

// await takes a worker's token.
func (p *Pool) await(ctx context.Context) error {
	begin := p.cfg.Now()
	p.cfg.Observer.HashQueue(p.waiting())
	defer func() { p.cfg.Observer.HashQueue(p.waiting()) }()
	timer := time.NewTimer(p.cfg.MaxWait)
	defer timer.Stop()
	select {
	case p.workers <- struct{}{}:
		p.cfg.Observer.HashWaited(p.cfg.Now().Sub(begin))
		return nil
	case <-timer.C:
		p.cfg.Observer.HashRefused()
		return ErrBusy
	case <-ctx.Done():
		return ErrBusy.Because(ctx.Err())
	}
}

func (p *Pool) waiting() int { return max(0, len(p.admit)-len(p.workers)) }

type unobserved struct{}

func (unobserved) HashQueue(int)              {}
func (unobserved) HashWaited(time.Duration)   {}
func (unobserved) HashComputed(time.Duration) {}
func (unobserved) HashRefused()               {}
