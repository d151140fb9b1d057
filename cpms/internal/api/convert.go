package api

import (
	"encoding/json"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/profile"
	cpmsv1 "eulogin.example/proto/cpms/v1"
)

func encode(v any) ([]byte, error) { return json.Marshal(v) }

// stamp gives a time, nothing for the zero one.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func (a *API) granted(g access.Grant) *cpmsv1.Access {
	return &cpmsv1.Access{Id: g.ID, Network: g.Network, Role: g.Role, Hospital: g.Hospital, Status: string(g.Status(a.Now())), EndsAt: stamp(g.EndsAt)}
}

// listed is a request in a list: without free text.
func listed(q access.Request) *cpmsv1.Request {
	return &cpmsv1.Request{Id: q.ID, Network: q.Network, Role: q.Role, State: string(q.State), Version: q.Version, SubmittedAt: stamp(q.SubmittedAt), DecidedAt: stamp(q.DecidedAt)}
}

// told is a request as a whole.
func told(q access.Request) *cpmsv1.Request {
	out := listed(q)
	out.Question, out.Answer, out.Reason = q.Question, q.Answer, q.Reason
	out.Asked = &cpmsv1.Draft{
		Network: q.Network, Country: q.Country, Hospital: q.Hospital, Role: q.Role, Justification: q.Justification, SponsorName: q.SponsorName, SponsorEmail: q.SponsorEmail,
		DurationDays: int32(q.DurationDays), Declaration: q.Declaration, Terms: q.Terms, TermsVersion: q.TermsVersion,
	}
	return out
}

// typed is a form as the person, or their program, filled it in.
func typed(d *cpmsv1.Draft) access.Request {
	return access.Request{
		Network: d.GetNetwork(), Country: d.GetCountry(), Hospital: d.GetHospital(), Role: d.GetRole(), Justification: d.GetJustification(),
		SponsorName: d.GetSponsorName(), SponsorEmail: d.GetSponsorEmail(), DurationDays: int(d.GetDurationDays()),
		Declaration: d.GetDeclaration(), Terms: d.GetTerms(), TermsVersion: d.GetTermsVersion(),
	}
}

func described(p profile.Profile) *cpmsv1.Profile {
	return &cpmsv1.Profile{
		Title: p.Title, ProfessionalEmail: p.ProfessionalEmail, Phone: p.Phone, Country: p.Country, Hospital: p.Hospital, HospitalOther: p.HospitalOther, Department: p.Department,
		Profession: p.Profession, Specialty: p.Specialty, Register: p.Register, RegistrationNumber: p.RegistrationNumber, Affiliation: p.Affiliation,
		Expertise: p.Expertise, OrphaCodes: p.OrphaCodes, Networks: p.Networks, Languages: p.Languages,
	}
}

func filled(p *cpmsv1.Profile) (profile.Page1, profile.Page2) {
	return profile.Page1{
			Title: p.GetTitle(), ProfessionalEmail: p.GetProfessionalEmail(), Phone: p.GetPhone(), Country: p.GetCountry(), Hospital: p.GetHospital(),
			HospitalOther: p.GetHospitalOther(), Department: p.GetDepartment(),
		}, profile.Page2{
			Profession: p.GetProfession(), Specialty: p.GetSpecialty(), Register: p.GetRegister(), RegistrationNumber: p.GetRegistrationNumber(),
			Affiliation: p.GetAffiliation(), Expertise: p.GetExpertise(), OrphaCodes: p.GetOrphaCodes(), Networks: p.GetNetworks(), Languages: p.GetLanguages(),
		}
}
