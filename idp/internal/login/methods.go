package login

import (
	"context"
	"slices"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
)

// Way is a verification method that a person can add on the way of a sign-in.
type Way struct {
	Method policy.Method
	Path   string
}

// offered lists the verification methods of the drop-down, in the menu's order.
func (s *Service) offered(f *Flow) []policy.Method {
	req := f.accepted()
	var out []policy.Method
	for _, m := range policy.Menu {
		switch method, on := s.Methods[m]; {
		case m == policy.Password && f.Request.Kind != KindRecover && req.Accepts(m):
			out = append(out, m)
		case on && f.Request.Kind != KindLost && slices.ContainsFunc(method.Proves(), req.Accepts):
			out = append(out, m)
		}
	}
	return out
}

// ways lists what could be added on the way so that the sign-in gets enough.
func (s *Service) ways(f *Flow) []Way {
	req := f.requirement()
	var out []Way
	for _, m := range policy.Menu {
		method, on := s.Methods[m]
		if on && method.EnrolPath() != "" && slices.ContainsFunc(method.Proves(), req.Accepts) {
			out = append(out, Way{m, method.EnrolPath()})
		}
	}
	return out
}

// Provable lists every proof that the methods switched on can give.
func (s *Service) Provable() []policy.Method {
	out := []policy.Method{policy.Password}
	for _, m := range s.Methods {
		out = append(out, m.Proves()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// enrollable lists the proofs that somebody could come to give by adding a method on the way.
func (s *Service) enrollable() []policy.Method {
	var out []policy.Method
	for _, m := range s.Methods {
		if m.EnrolPath() != "" {
			out = append(out, m.Proves()...)
		}
	}
	return out
}

// having gives, by method, the proofs that an account could give now; nobody has none.
func (s *Service) having(ctx context.Context, id ident.AccountID) (map[policy.Method][]policy.Method, error) {
	out := map[policy.Method][]policy.Method{}
	if id == "" {
		return out, nil
	}
	for name, m := range s.Methods {
		proofs, err := m.Enrolled(ctx, id)
		if err != nil {
			return nil, err
		}
		if len(proofs) > 0 {
			out[name] = proofs
		}
	}
	return out, nil
}

// Proofs lists, sorted, the proofs that an account could give as second factor now.
func (s *Service) Proofs(ctx context.Context, id ident.AccountID) ([]policy.Method, error) {
	have, err := s.having(ctx, id)
	var out []policy.Method
	for _, proofs := range have {
		out = append(out, slices.DeleteFunc(slices.Clone(proofs), policy.Recovers)...)
	}
	slices.Sort(out)
	return slices.Compact(out), err
}

// Enrolled reports whether an account has a second factor; a recovery code is none.
func (s *Service) Enrolled(ctx context.Context, id ident.AccountID) (bool, error) {
	proofs, err := s.Proofs(ctx, id)
	return len(proofs) > 0, err
}
