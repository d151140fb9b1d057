package webauthn_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/webauthntest"
)

func TestWhatAUseProves(t *testing.T) {
	maker := webauthntest.NewMaker(t, "Trusted Keys")
	other := webauthntest.NewMaker(t, "Unknown Keys")
	for name, c := range map[string]struct {
		made, used byte // flags
		maker      *webauthntest.Maker
		want       policy.Method
		enrolled   []policy.Method
	}{
		"presence":                       {webauthntest.UP, webauthntest.UP, nil, policy.SecurityKey, []policy.Method{policy.SecurityKey}},
		"presence, attested":             {webauthntest.UP, webauthntest.UP, maker, policy.SecurityKey, []policy.Method{policy.SecurityKey}},
		"a PIN that came later":          {webauthntest.UP, webauthntest.UP | webauthntest.UV, maker, policy.SecurityKey, []policy.Method{policy.SecurityKey}},
		"verified":                       {webauthntest.UP | webauthntest.UV, webauthntest.UP | webauthntest.UV, nil, policy.Passkey, []policy.Method{policy.Passkey, policy.SecurityKey}},
		"verified, only touched":         {webauthntest.UP | webauthntest.UV, webauthntest.UP, maker, policy.SecurityKey, []policy.Method{policy.HardwareKey, policy.Passkey, policy.SecurityKey}},
		"attested hardware":              {webauthntest.UP | webauthntest.UV, webauthntest.UP | webauthntest.UV, maker, policy.HardwareKey, []policy.Method{policy.HardwareKey, policy.Passkey, policy.SecurityKey}},
		"attested by somebody":           {webauthntest.UP | webauthntest.UV, webauthntest.UP | webauthntest.UV, other, policy.Passkey, []policy.Method{policy.Passkey, policy.SecurityKey}},
		"attested, and it can be copied": {webauthntest.UP | webauthntest.UV | webauthntest.BE, webauthntest.UP | webauthntest.UV | webauthntest.BE | webauthntest.BS, maker, policy.Passkey, []policy.Method{policy.Passkey, policy.SecurityKey}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, webauthntest.Pool(maker))
			a := device(t)
			a.Flags, a.Maker = c.made, c.maker
			k := w.add(w.anna.ID, "key", a)
			if got, err := w.keys.Enrolled(t.Context(), w.anna.ID); !slices.Equal(got, c.enrolled) || err != nil {
				t.Errorf("enrolled: %v, %v", got, err)
			}
			a.Flags = c.used
			ch := w.ask(w.anna.ID)
			got, err := w.keys.Answer(t.Context(), ch.ID, w.anna.ID, a.Get(t, ch.Options))
			if err != nil || got.Method != c.want || got.Credential.ID != k.ID {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// Without trusted roots no attestation is asked for, and none counts.
func TestAttestationIsAskedOnlyWithRoots(t *testing.T) {
	maker := webauthntest.NewMaker(t, "Trusted Keys")
	for want, w := range map[string]*world{`"attestation":"none"`: newWorld(t, nil), `"attestation":"direct"`: newWorld(t, webauthntest.Pool(maker))} {
		c, err := w.keys.Begin(t.Context(), w.anna.ID, "key")
		must(t, err)
		if !strings.Contains(c.Options, want) {
			t.Errorf("%s is missing in %s", want, c.Options)
		}
		forced := strings.Replace(c.Options, `"attestation":"none"`, `"attestation":"direct"`, 1)
		a := device(t)
		a.Maker = maker
		k, err := w.keys.Finish(t.Context(), w.anna.ID, c.ID, a.Create(t, forced))
		if err != nil || k.Attested != strings.Contains(want, "direct") {
			t.Errorf("attested %v, %v", k.Attested, err)
		}
	}
}

// Security case 36: each check of WebAuthn §7.2 on its own.
func TestEveryCheckOfAnAssertion(t *testing.T) {
	w := newWorld(t, nil)
	bert := w.Person(t, "Bert", "bert@example.org")
	a, berts := device(t), device(t)
	w.add(w.anna.ID, "Anna's", a)
	w.add(bert.ID, "Bert's", berts)
	good := *a
	client := func(kind string) func(c webauthn.Ceremony, a *webauthntest.Authenticator) string {
		return func(c webauthn.Ceremony, a *webauthntest.Authenticator) string {
			return a.Sign(t, []byte(fmt.Sprintf(`{"type":%q,"challenge":%q,"origin":%q}`, kind, c.Session.Challenge, origin)))
		}
	}
	for name, c := range map[string]struct {
		spoil  func(a *webauthntest.Authenticator)
		answer func(c webauthn.Ceremony, a *webauthntest.Authenticator) string
		want   string
	}{
		"right":                   {want: ""},
		"other origin":            {spoil: func(a *webauthntest.Authenticator) { a.Origin = "https://login.test.evil.example" }, want: "keys.answer.wrong"},
		"other scheme":            {spoil: func(a *webauthntest.Authenticator) { a.Origin = "http://login.test" }, want: "keys.answer.wrong"},
		"other port":              {spoil: func(a *webauthntest.Authenticator) { a.Origin = "https://login.test:8443" }, want: "keys.answer.wrong"},
		"in a foreign frame":      {spoil: func(a *webauthntest.Authenticator) { a.Cross = true }, want: "keys.answer.wrong"},
		"other relying party":     {spoil: func(a *webauthntest.Authenticator) { a.RPID = "evil.example" }, want: "keys.answer.wrong"},
		"nobody touched it":       {spoil: func(a *webauthntest.Authenticator) { a.Flags = webauthntest.UV }, want: "keys.answer.wrong"},
		"became copyable":         {spoil: func(a *webauthntest.Authenticator) { a.Flags |= webauthntest.BE }, want: "keys.answer.wrong"},
		"copied and not copyable": {spoil: func(a *webauthntest.Authenticator) { a.Flags |= webauthntest.BS }, want: "keys.answer.wrong"},
		"handle of another":       {spoil: func(a *webauthntest.Authenticator) { a.Handle = berts.Handle }, want: "keys.answer.wrong"},
		"unknown credential":      {spoil: func(a *webauthntest.Authenticator) { a.ID = []byte("nothing of the kind") }, want: "keys.answer.unknown"},
		"somebody else's key":     {spoil: func(a *webauthntest.Authenticator) { *a = *berts }, want: "keys.answer.unknown"},
		"another key's signature": {spoil: func(a *webauthntest.Authenticator) { id := a.ID; *a = *device(t); a.ID = id }, want: "keys.answer.wrong"},
		"another challenge": {answer: func(_ webauthn.Ceremony, a *webauthntest.Authenticator) string {
			return a.Get(t, w.ask(w.anna.ID).Options)
		}, want: "keys.answer.wrong"},
		"made for registration": {answer: client("webauthn.create"), want: "keys.answer.wrong"},
		"made for payment":      {answer: client("payment.get"), want: "keys.answer.wrong"},
		"right by hand":         {answer: client("webauthn.get"), want: ""},
		"flipped bit": {answer: func(c webauthn.Ceremony, a *webauthntest.Authenticator) string {
			return flip(t, a.Get(t, c.Options))
		}, want: "keys.answer.wrong"},
		"too long": {answer: func(c webauthn.Ceremony, a *webauthntest.Authenticator) string {
			return a.Get(t, c.Options) + strings.Repeat(" ", 40<<10)
		}, want: "keys.answer.malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			one := good
			one.Counter, good.Counter = good.Counter+10, good.Counter+20
			if c.spoil != nil {
				c.spoil(&one)
			}
			if c.answer == nil {
				c.answer = func(ch webauthn.Ceremony, a *webauthntest.Authenticator) string { return a.Get(t, ch.Options) }
			}
			ch := w.ask(w.anna.ID)
			if _, err := w.keys.Answer(t.Context(), ch.ID, w.anna.ID, c.answer(ch, &one)); why(err) != c.want {
				t.Errorf("%q (%v), want %q", why(err), err, c.want)
			}
		})
	}
}

// flip changes the signed counter.
func flip(t *testing.T, answer string) string {
	t.Helper()
	var m map[string]any
	must(t, json.Unmarshal([]byte(answer), &m))
	response := m["response"].(map[string]any)
	raw := []byte(response["authenticatorData"].(string))
	raw[46] = map[bool]byte{true: 'B', false: 'A'}[raw[46] == 'A'] // within the counter
	response["authenticatorData"] = string(raw)
	out, err := json.Marshal(m)
	must(t, err)
	return string(out)
}

// Nobody named: the browser is told no credential, and the answer says who it is.
func TestDirectSignInNamesThePerson(t *testing.T) {
	w := newWorld(t, nil)
	a := device(t)
	k := w.add(w.anna.ID, "phone", a)
	ch := w.ask("")
	if strings.Contains(ch.Options, "allowCredentials") || !strings.Contains(ch.Options, `"userVerification":"required"`) {
		t.Errorf("the browser is asked %s", ch.Options)
	}
	got, err := w.keys.Answer(t.Context(), ch.ID, "", a.Get(t, ch.Options))
	if err != nil || got.Credential.Account != w.anna.ID || got.Credential.ID != k.ID || got.Method != policy.Passkey {
		t.Fatalf("%+v, %v", got, err)
	}
	if strings.Contains(string(a.Handle), string(w.anna.ID)) || strings.Contains(string(a.Handle), w.anna.Email) || len(a.Handle) != 32 {
		t.Errorf("the user handle is %q", a.Handle)
	}
	bert := device(t)
	w.add(w.Person(t, "Bert", "bert@example.org").ID, "other", bert)
	touched := device(t)
	touched.Flags = webauthntest.UP
	w.add(w.anna.ID, "touched", touched)
	for name, c := range map[string]struct {
		a     webauthntest.Authenticator
		spoil func(a *webauthntest.Authenticator)
		want  string
	}{
		"handle of another account": {*a, func(a *webauthntest.Authenticator) { a.Handle = bert.Handle }, "keys.answer.unknown"},
		"handle of nobody":          {*a, func(a *webauthntest.Authenticator) { a.Handle = []byte("nobody") }, "keys.answer.unknown"},
		"no handle":                 {*a, func(a *webauthntest.Authenticator) { a.Handle = nil }, "keys.answer.unknown"},
		"user not verified":         {*a, func(a *webauthntest.Authenticator) { a.Flags = webauthntest.UP }, "keys.answer.verify"},
		"PIN made after a theft":    {*touched, func(a *webauthntest.Authenticator) { a.Flags |= webauthntest.UV }, "keys.answer.possession"},
	} {
		ch := w.ask("")
		c.a.Counter += 10
		c.spoil(&c.a)
		if _, err := w.keys.Answer(t.Context(), ch.ID, "", c.a.Get(t, ch.Options)); why(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
