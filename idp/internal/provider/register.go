package provider

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/proto/kit/fault"
)

// register lets a service register a client by itself (RFC 7591 §3, OpenID Connect Registration §3), with
// an initial access token that an operator gave it.
func (s *server) register(w http.ResponseWriter, r *http.Request) {
	if err := s.Limits.Hit(r.Context(), limit.ClientRegister, s.network(r)); err != nil {
		s.notRegistered(w, r, err)
		return
	}
	raw, err := jsonBody(r)
	if err == nil && r.URL.RawQuery != "" {
		err = errMalformed
	}
	var made registration.Registered
	if err == nil {
		made, err = s.Registrar.RegisterSelf(r.Context(), bearerToken(r), raw)
	}
	if err != nil {
		s.notRegistered(w, r, err)
		return
	}
	s.registered(w, r, http.StatusCreated, made)
}

// manage lets a client read, replace or end its registration (RFC 7592 §2).
func (s *server) manage(w http.ResponseWriter, r *http.Request) {
	ctx, id, token, network := r.Context(), r.URL.Query().Get("client_id"), bearerToken(r), s.network(r)
	until, err := s.Limits.Paused(ctx, limit.ClientManage, network)
	if err == nil && !until.IsZero() {
		err = limit.ErrTooMany.After(until.Sub(s.Now()))
	}
	var now registration.Registered
	if err == nil {
		now, err = s.managed(r, id, token)
	}
	if errors.Is(err, registration.ErrManage) {
		if herr := s.Limits.Hit(ctx, limit.ClientManage, network); herr != nil {
			err = herr
		}
	}
	switch {
	case err != nil:
		s.notRegistered(w, r, err)
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	default:
		s.registered(w, r, http.StatusOK, now)
	}
}

// managed does what the method says.
func (s *server) managed(r *http.Request, id, token string) (now registration.Registered, err error) {
	switch r.Method {
	case http.MethodDelete:
		return now, s.Registrar.RemoveSelf(r.Context(), id, token)
	case http.MethodPut:
		raw, err := jsonBody(r)
		if err != nil {
			return now, err
		}
		return s.Registrar.UpdateSelf(r.Context(), id, token, raw)
	}
	now.Record, err = s.Registrar.Self(r.Context(), id, token)
	now.Token = token
	return now, err
}

// signable makes the keys by which tokens for a client are signed, if it is the first that wants them.
// Should that fail now, it is done in the background; the client is registered.
func (s *server) signable(ctx context.Context, id string) {
	if err := s.Ring.Prepare(ctx); err != nil {
		s.Log.WarnContext(ctx, "the keys of a new client wait", "client", id, "error", err)
	}
}

// jsonBody reads a body of JSON.
func jsonBody(r *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, errMalformed
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, errMalformed.Because(err)
	}
	return raw, nil
}

// bearerToken is the token in the Authorization header (RFC 6750 §2.1), or "".
func bearerToken(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

func (s *server) network(r *http.Request) string { return limit.Network(s.Browser.Address(r)) }

// registered tells a client what is registered (RFC 7591 §3.2.1, RFC 7592 §3): all metadata, and, once, what
// it authenticates with.
func (s *server) registered(w http.ResponseWriter, r *http.Request, status int, c registration.Registered) {
	s.signable(r.Context(), c.ID)
	answer := map[string]any{}
	if err := json.Unmarshal(c.Metadata, &answer); err != nil {
		s.down(w, r, err)
		return
	}
	answer["client_id_issued_at"] = c.CreatedAt.Unix()
	answer["registration_client_uri"] = s.Issuer + managePath + "?" + url.Values{"client_id": {c.ID}}.Encode()
	answer["registration_access_token"] = c.Token
	if c.Secret != "" {
		answer["client_secret"], answer["client_secret_expires_at"] = c.Secret, 0 // it does not end by itself
	}
	writeJSON(w, status, answer)
}

// notRegistered says what is wrong (RFC 7591 §3.2.2, RFC 7592 §2).
func (s *server) notRegistered(w http.ResponseWriter, r *http.Request, err error) {
	var faults *client.Faults
	switch {
	case errors.As(err, &faults):
		writeJSON(w, http.StatusBadRequest, oauthError{faultCode(faults), sayable(faults)})
	case errors.Is(err, registration.ErrStatement):
		writeJSON(w, http.StatusBadRequest, oauthError{"unapproved_software_statement", "software statements of nobody are accepted here"})
	case errors.Is(err, registration.ErrToken), errors.Is(err, registration.ErrManage):
		code := "invalid_token"
		if bearerToken(r) == "" {
			code = ""
		}
		challenge(w, code, http.StatusUnauthorized)
	case errors.Is(err, client.ErrDisabled):
		writeJSON(w, http.StatusForbidden, oauthError{"access_denied", "an operator disabled this client"})
	case errors.Is(err, registration.ErrVersion):
		writeJSON(w, http.StatusConflict, oauthError{"invalid_request", "the client was changed meanwhile: read it again"})
	case fault.KindOf(err) == fault.TooMany:
		w.Header().Set("Retry-After", strconv.Itoa(int(fault.As(err).RetryAfter.Seconds())+1))
		writeJSON(w, http.StatusTooManyRequests, oauthError{"temporarily_unavailable", "too many attempts from this address"})
	case errors.Is(err, errMalformed):
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "a registration is one JSON object in the body (application/json)"})
	case wrong(err):
		writeJSON(w, http.StatusBadRequest, oauthError{Code: "invalid_client_metadata"})
	default:
		s.down(w, r, err)
	}
}

// faultCode is the error code for what is wrong with metadata.
func faultCode(f *client.Faults) string {
	if slices.ContainsFunc(f.List, func(one client.Fault) bool { return one.Member == "redirect_uris" }) {
		return "invalid_redirect_uri"
	}
	return "invalid_client_metadata"
}

// sayable is what an error_description may be (RFC 6749 §5.2).
func sayable(f *client.Faults) string {
	texts := make([]string, len(f.List))
	for i, one := range f.List {
		texts[i] = one.Text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"' || r == '\\':
			return '\''
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, strings.Join(texts, "; "))
}
