package access

import (
	"slices"
	"strings"
	"unicode/utf8"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/proto/kit/fault"
)

// Tidy trims every field.
func (r *Request) Tidy() {
	for _, f := range []*string{&r.Network, &r.Country, &r.Hospital, &r.Role, &r.Justification, &r.SponsorName, &r.SponsorEmail} {
		*f = strings.TrimSpace(*f)
	}
}

// Fits reports what cannot even be kept as a draft.
func (r Request) Fits() error { return r.fits(ErrInvalid).Or() }

func (r Request) fits(e *fault.Error) *fault.Error {
	if _, ok := network.BySlug(r.Network); r.Network != "" && !ok {
		e = e.WithField("network", "request.choice")
	}
	if r.Country != "" && !network.IsCountry(r.Country) {
		e = e.WithField("country", "request.choice")
	}
	if _, ok := network.HospitalByID(r.Hospital); r.Hospital != "" && r.Hospital != network.Guest && !ok {
		e = e.WithField("hospital", "request.choice")
	}
	if r.Role != "" && !slices.Contains(Roles, r.Role) {
		e = e.WithField("role", "request.choice")
	}
	if !plain.Text(r.Justification, TextMax) {
		e = e.WithField("justification", "request.too_long", TextMax)
	}
	if !plain.Line(r.SponsorName, NameMax) {
		e = e.WithField("sponsor_name", "request.too_long", NameMax)
	}
	if r.SponsorEmail != "" && !plain.Email(r.SponsorEmail) {
		e = e.WithField("sponsor_email", "request.email.malformed")
	}
	if r.DurationDays < 0 || r.DurationDays > GuestDays {
		e = e.WithField("duration_days", "request.duration.range", GuestDays)
	}
	return e
}

// Check reports everything that keeps the request from being submitted.
func (r Request) Check() error {
	e := r.fits(ErrInvalid)
	for name, v := range map[string]string{"network": r.Network, "country": r.Country, "hospital": r.Hospital, "role": r.Role} {
		if v == "" {
			e = e.WithField(name, "request.required")
		}
	}
	if n, ok := network.BySlug(r.Network); ok && n.Closed {
		e = e.WithField("network", "request.network.closed")
	}
	if h, ok := network.HospitalByID(r.Hospital); ok {
		switch {
		case h.Disabled:
			e = e.WithField("hospital", "request.choice")
		case r.Country != "" && h.Country != r.Country:
			e = e.WithField("hospital", "request.hospital.country")
		case r.Network != "" && !slices.Contains(h.Networks, r.Network):
			e = e.WithField("hospital", "request.hospital.not_member")
		case r.Role == GuestUser:
			e = e.WithField("role", "request.role.guest")
		}
	}
	if r.Hospital == network.Guest && r.Role != "" && r.Role != GuestUser {
		e = e.WithField("role", "request.role.guest_only")
	}
	if r.Guest() {
		e = r.checkGuest(e)
	}
	if !r.Declaration {
		e = e.WithField("declaration", "request.declaration.needed")
	}
	if !r.Terms {
		e = e.WithField("terms", "request.terms.needed")
	}
	return e.Or()
}

// checkGuest adds what guest access needs: why, who vouches, and for how long.
func (r Request) checkGuest(e *fault.Error) *fault.Error {
	if utf8.RuneCountInString(r.Justification) < JustificationMin {
		e = e.WithField("justification", "request.justification.short", JustificationMin)
	}
	if r.SponsorName == "" {
		e = e.WithField("sponsor_name", "request.required")
	}
	if r.SponsorEmail == "" {
		e = e.WithField("sponsor_email", "request.required")
	}
	if r.DurationDays < 1 {
		e = e.WithField("duration_days", "request.duration.range", GuestDays)
	}
	return e
}
