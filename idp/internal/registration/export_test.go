package registration

import "eulogin.example/idp/internal/client"

// Describe is what RegisterSelf makes of metadata, without a store.
func Describe(raw []byte, p Policy) (*client.Client, error) {
	said, err := readMembers(raw)
	if err != nil {
		return nil, err
	}
	strict, err := translate(said, nil, "fuzzed", p)
	if err != nil {
		return nil, err
	}
	c, err := client.Parse(strict, false)
	if err == nil {
		err = p.admit(c)
	}
	if err != nil {
		return nil, ErrInvalid.Because(err)
	}
	return c, nil
}
