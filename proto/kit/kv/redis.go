package kv

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis is the store in a Redis server. Every key carries the service's prefix, so that two
// services can share a server.
type Redis struct {
	client *redis.Client
	prefix string
}

// NewRedis connects lazily to a redis:// or rediss:// address.
func NewRedis(address, prefix string) (*Redis, error) {
	opt, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("kv: the Redis address cannot be used") // the cause may hold the password
	}
	opt.ContextTimeoutEnabled = true
	opt.DialTimeout, opt.ReadTimeout, opt.WriteTimeout = 2*time.Second, time.Second, time.Second
	opt.MaxRetries = -1 // Take and Add must not run twice; callers decide about trying again
	return &Redis{client: redis.NewClient(opt), prefix: prefix + ":"}, nil
}

// Ping reports whether the server answers.
func (r *Redis) Ping(ctx context.Context) error { return down(r.client.Ping(ctx).Err()) }

// Close closes the connections.
func (r *Redis) Close() error { return r.client.Close() }

// Put sets a key.
func (r *Redis) Put(ctx context.Context, key string, val []byte, ttl time.Duration) error {
	return down(r.client.Set(ctx, r.prefix+key, val, ttl).Err())
}

// Get reads a key.
func (r *Redis) Get(ctx context.Context, key string) ([]byte, error) {
	val, err := r.client.Get(ctx, r.prefix+key).Bytes()
	return val, down(err)
}

// Take reads and removes a key.
func (r *Redis) Take(ctx context.Context, key string) ([]byte, error) {
	val, err := r.client.GetDel(ctx, r.prefix+key).Bytes()
	return val, down(err)
}

var (
	// swap sets KEYS[1] to ARGV[2] for ARGV[3] ms if its value is ARGV[1].
	swap = redis.NewScript(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1`)
	// once sets KEYS[1] for ARGV[1] ms if it is absent, and reads KEYS[2], which with ARGV[2] goes.
	once = redis.NewScript(`
if not redis.call("SET", KEYS[1], ARGV[3], "NX", "PX", ARGV[1]) then return 0 end
local val = redis.call("GET", KEYS[2])
if val and ARGV[2] == "1" then redis.call("DEL", KEYS[2]) end
return {val}`)
	// add adds ARGV[1] to KEYS[1] and gives it ARGV[2] ms to live when it is new.
	add = redis.NewScript(`
local new = redis.call("EXISTS", KEYS[1]) == 0
local sum = redis.call("INCRBY", KEYS[1], ARGV[1])
if new then redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
return sum`)
)

// Swap compares and sets.
func (r *Redis) Swap(ctx context.Context, key string, old, val []byte, ttl time.Duration) error {
	if old == nil {
		err := r.client.SetArgs(ctx, r.prefix+key, val, redis.SetArgs{Mode: "NX", TTL: ttl}).Err()
		if errors.Is(err, redis.Nil) {
			return ErrChanged
		}
		return down(err)
	}
	n, err := swap.Run(ctx, r.client, []string{r.prefix + key}, old, val, ttl.Milliseconds()).Int()
	if err != nil {
		return down(err)
	}
	if n == 0 {
		return ErrChanged
	}
	return nil
}

// Once marks and reads.
func (r *Redis) Once(ctx context.Context, m Mark, key string, take bool) ([]byte, error) {
	got, err := once.Run(ctx, r.client, []string{r.prefix + m.Key, r.prefix + key}, m.Life.Milliseconds(), take, m.val()).Result()
	if err != nil {
		return nil, down(err)
	}
	vals, first := got.([]any)
	if !first {
		return nil, ErrChanged
	}
	if len(vals) == 1 {
		if val, there := vals[0].(string); there {
			return []byte(val), nil
		}
	}
	return nil, ErrNotFound
}

// Add counts.
func (r *Redis) Add(ctx context.Context, key string, n int64, ttl time.Duration) (int64, error) {
	sum, err := add.Run(ctx, r.client, []string{r.prefix + key}, n, ttl.Milliseconds()).Int64()
	return sum, down(err)
}

// Drop removes keys.
func (r *Redis) Drop(ctx context.Context, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	full := make([]string, len(keys))
	for i, k := range keys {
		full[i] = r.prefix + k
	}
	return down(r.client.Del(ctx, full...).Err())
}

func down(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.Nil):
		return ErrNotFound
	}
	return ErrUnavailable.Because(fmt.Errorf("redis: %w", err))
}
