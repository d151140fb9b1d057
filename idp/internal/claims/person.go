package claims

import (
	"encoding/json"
	"slices"

	"eulogin.example/idp/internal/account"
)

// The claims that idp can tell about a person. There is no address: nobody gives one here.
const (
	Email         = "email"
	EmailVerified = "email_verified"
	Name          = "name"
	GivenName     = "given_name"
	FamilyName    = "family_name"
	Locale        = "locale"
	Phone         = "phone_number"
	PhoneVerified = "phone_number_verified"
	// Assurance carries how well idp knows the person, 0 to 40. It is never part of acr
	// (domain.md §0.1).
	Assurance = "https://eulogin.example/claims/assurance_level"
	// Groups carries those of the person's groups that the service registered (domain.md §1.5).
	Groups = "https://eulogin.example/claims/groups"
)

// Person is what is told about somebody; what is empty is not told.
type Person struct {
	Email         string   `json:"email,omitempty"`
	EmailVerified bool     `json:"email_verified,omitempty"`
	Name          string   `json:"name,omitempty"`
	GivenName     string   `json:"given_name,omitempty"`
	FamilyName    string   `json:"family_name,omitempty"`
	Locale        string   `json:"locale,omitempty"`
	Phone         string   `json:"phone_number,omitempty"`
	PhoneVerified bool     `json:"phone_number_verified,omitempty"`
	Assurance     *int     `json:"https://eulogin.example/claims/assurance_level,omitempty"`
	Groups        []string `json:"https://eulogin.example/claims/groups,omitempty"`
}

// Of gives all that can be told of an account to a service that may hear of these groups. Its address
// and its number are always confirmed.
func Of(a account.Account, groups []string) Person {
	return Person{
		Groups: slices.DeleteFunc(slices.Clone(a.Groups), func(g string) bool { return !slices.Contains(groups, g) }),
		Email:  a.Email, EmailVerified: true, Name: a.Name(), GivenName: a.GivenName, FamilyName: a.FamilyName, Locale: a.MailLang,
		Phone: a.Phone, PhoneVerified: a.Phone != "", Assurance: &a.Assurance,
	}
}

// claim is one row of what can be told: the scope that covers it, how its value is read and removed.
type claim struct {
	name, scope string
	get         func(*Person) any
	drop        func(*Person)
}

// table has the claims in the order in which people read them. A claim about another one stands
// after it.
var table = []claim{
	{Email, "email", func(p *Person) any { return p.Email }, func(p *Person) { p.Email = "" }},
	{EmailVerified, "email", func(p *Person) any { return p.EmailVerified }, func(p *Person) { p.EmailVerified = false }},
	{Name, "profile", func(p *Person) any { return p.Name }, func(p *Person) { p.Name = "" }},
	{GivenName, "profile", func(p *Person) any { return p.GivenName }, func(p *Person) { p.GivenName = "" }},
	{FamilyName, "profile", func(p *Person) any { return p.FamilyName }, func(p *Person) { p.FamilyName = "" }},
	{Phone, "phone", func(p *Person) any { return p.Phone }, func(p *Person) { p.Phone = "" }},
	{PhoneVerified, "phone", func(p *Person) any { return p.PhoneVerified }, func(p *Person) { p.PhoneVerified = false }},
	{Locale, "profile", func(p *Person) any { return p.Locale }, func(p *Person) { p.Locale = "" }},
	{Assurance, "profile", func(p *Person) any {
		if p.Assurance == nil {
			return nil
		}
		return *p.Assurance
	}, func(p *Person) { p.Assurance = nil }},
	{Groups, "groups", func(p *Person) any { return p.Groups }, func(p *Person) { p.Groups = nil }},
}

// Names lists all claims about a person.
func Names() (out []string) {
	for _, c := range table {
		out = append(out, c.name)
	}
	return out
}

// Scope gives the scope that covers a claim: whoever may ask for that scope may ask for the claim. ""
// for what is no claim about a person.
func Scope(name string) string {
	if i := slices.IndexFunc(table, func(c claim) bool { return c.name == name }); i >= 0 {
		return table[i].scope
	}
	return ""
}

// About gives the claim whose value another one says something about, "" for all others: it goes with
// that claim.
func About(name string) string {
	switch name {
	case EmailVerified:
		return Email
	case PhoneVerified:
		return Phone
	}
	return ""
}

// Without removes claims, and what is said about them.
func (p Person) Without(names []string) Person {
	for _, c := range table {
		if slices.Contains(names, c.name) || slices.Contains(names, About(c.name)) {
			c.drop(&p)
		}
	}
	return p
}

// Value gives the value of a claim; nil or the zero value when there is none.
func (p Person) Value(name string) any {
	if i := slices.IndexFunc(table, func(c claim) bool { return c.name == name }); i >= 0 {
		return table[i].get(&p)
	}
	return nil
}

// is reports whether a claim has one of these values, each JSON as Asked keeps it.
func (p *Person) is(c claim, values []string) bool {
	raw, err := json.Marshal(c.get(p))
	return err == nil && slices.Contains(values, string(raw))
}
