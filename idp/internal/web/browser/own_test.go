package browser

import (
	"context"
	"errors"
	"testing"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/policy"
)

type factors struct {
	has bool
	err error
}

func (f factors) Enrolled(context.Context, account.ID) (bool, error) { return f.has, f.err }

// Every page of My account asks for the same: whoever came in with a recovery code sees them
// all, also where the person always wants two factors, and changes want the factor, fresh.
func TestPagesOfMyAccountAskForTheSame(t *testing.T) {
	look, err := Looking(t.Context(), account.Account{})
	if err != nil || !look.Recovery || !look.Strengthen(policy.Medium).Accepts(policy.RecoveryCode) {
		t.Errorf("looking: %+v %v", look, err)
	}
	for _, has := range []bool{false, true} {
		req, err := Changing(factors{has: has})(t.Context(), account.Account{})
		want := map[bool]policy.Level{false: policy.Basic, true: policy.Medium}[has]
		if err != nil || req.Floor.Level != want || req.MaxAge != manage.ProofAge || req.Recovery != has {
			t.Errorf("changing, factor %v: %+v %v", has, req, err)
		}
	}
	down := errors.New("down")
	if _, err := Changing(factors{err: down})(t.Context(), account.Account{}); !errors.Is(err, down) {
		t.Errorf("an outage lets somebody through: %v", err)
	}
}

func TestWithFlow(t *testing.T) {
	for _, tt := range [][3]string{{"/a", "", "/a"}, {"/a", "f", "/a?flow=f"}, {"/a?x=1", "f&g", "/a?x=1&flow=f%26g"}} {
		if got := WithFlow(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s, %s: %s", tt[0], tt[1], got)
		}
	}
}
