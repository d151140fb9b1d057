package join

import (
	"math"
	"net/http"
	"strconv"

	"eulogin.example/proto/kit/fault"
)

// onForm splits an error into the messages of fields and the time to wait.
func onForm(w http.ResponseWriter, err error) (map[string]fault.Message, *wait) {
	e := fault.As(err)
	if e == nil {
		return nil, nil
	}
	if e.Kind != fault.TooMany {
		return e.Fields, nil
	}
	seconds := int(math.Ceil(e.RetryAfter.Seconds()))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return e.Fields, waitFor(seconds)
}

// waitFor words a time: in seconds while one would count them, then in minutes.
func waitFor(seconds int) *wait {
	if seconds <= 90 {
		return &wait{Key: "join.wait.seconds", N: seconds}
	}
	return &wait{Key: "join.wait.minutes", N: (seconds + 59) / 60}
}
