package appapi

import (
	"context"
	"net/http"
	"time"
)

// await looks until there is something to say, the time is over, the phone hangs up or the
// server stops. A call that finds no place among the waiting ones is answered at once.
func (a *API) await(ctx context.Context, wait time.Duration, look func() (bool, error)) error {
	if enough, err := look(); enough || err != nil || wait == 0 {
		return err
	}
	select {
	case a.polls <- struct{}{}:
		defer func() { <-a.polls }()
	default:
		return nil
	}
	over := time.NewTimer(wait)
	defer over.Stop()
	tick := time.NewTicker(a.tick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.over:
			return nil
		case <-over.C:
			return nil
		case <-tick.C:
			if enough, err := look(); enough || err != nil {
				return err
			}
		}
	}
}

// patience reads how many seconds a phone wants to wait, and gives the answer's writer the
// time for it: a waiting call outlives the server's write timeout.
func patience(w http.ResponseWriter, seconds int) time.Duration {
	wait := min(max(time.Duration(seconds)*time.Second, 0), maxWait)
	if wait > 0 {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(wait + 10*time.Second)) // not every writer has one
	}
	return wait
}
