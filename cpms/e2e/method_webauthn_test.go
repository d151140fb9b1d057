package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"
)

// keyStory is a person with an account, signed in to My account in a browser.
func keyStory(t *testing.T, name string) (*story, *browser) {
	t.Helper()
	sys := startSystem(t)
	v := newBrowser(t, name, true)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna(name)}
	s.createAccount(sys.idp.url + "/register")
	s.v = v
	v.open(sys.idp.url + "/account")
	s.signIn("password")
	v.sees("My account")
	return s, v
}

// addKey goes through the guide's steps: Add a Security Key, name, Submit, browser.
func (s *story) addKey(v *browser, name string) {
	v.open(s.sys.idp.url + "/account/keys")
	v.sees("Manage my Security Keys, Trusted Platforms and Passkeys")
	v.press("Add a Security Key")
	s.confirmByKey(v)
	v.sees("Trusted Platform: this computer or phone itself")
	s.step("key-add")
	v.fill("name", name)
	v.press("Submit")
}

// confirmByKey shows the second factor where one is asked for; the page goes on by itself.
func (s *story) confirmByKey(v *browser) {
	if v.shows("Verification method") {
		v.fill("method", "security_key")
		v.tap("Sign in")
	}
}

// leave signs out and comes to the sign-in page on the way to an address.
func (s *story) leave(v *browser, to string) {
	v.open(s.sys.idp.url + "/account")
	v.press("Sign out")
	v.sees("You are signed out")
	v.open(to)
	v.sees("E-mail address")
}

// A passkey from its first offer to its removal: cancelled, added, added twice, used alone,
// removed, refused.
func TestPasskeyInABrowser(t *testing.T) {
	s, v := keyStory(t, "passkey")
	v.press("Manage my Security Keys, Trusted Platforms and Passkeys")
	v.sees("You have not added any")
	s.step("keys-none")
	laptop := v.plugIn(platform)
	laptop.verifies(false)
	s.addKey(v, "Laptop at work")
	v.sees("It was cancelled, or took too long")
	s.step("key-cancelled")
	laptop.verifies(true)
	v.tap("Ask my browser again")
	v.sees("“Laptop at work” was added")
	v.sees("Instead of the password")
	s.step("key-added")
	for _, lang := range []string{"de", "fr", "en"} { // the longest words are German
		v.open(s.sys.idp.url + "/account/keys?lang=" + lang)
		v.sees("Laptop at work")
		v.look("keys-" + lang)
	}
	s.sys.await(s.who.email, "was added to your account")
	s.addKey(v, "The same")
	v.sees("This one is in your list already")
	s.step("key-known")

	s.leave(v, s.sys.cpms.url+"/signin")
	s.passwordless(v)
	v.sees("Welcome, guest")

	v.open(s.sys.idp.url + "/account/keys")
	v.press("Rename")
	s.confirmByKey(v)
	v.sees("Change the name")
	v.fill("name", "Old laptop")
	s.step("key-rename")
	v.press("Save")
	v.sees("Old laptop")
	v.press("Remove")
	v.sees("Remove this security key or passkey?")
	s.step("key-remove")
	v.press("Remove")
	v.sees("You have not added any")
	s.step("key-removed")
	s.sys.await(s.who.email, "was removed from your account")
	if n := len(laptop.keys()); n != 1 {
		t.Fatalf("the authenticator holds %d keys", n)
	}
	s.leave(v, s.sys.cpms.url+"/signin")
	s.passwordless(v)
	v.sees("not known here")
	s.step("key-unknown")
	laptop.unplug()
	v.press("Sign in with e-mail address and password")
	s.signIn("password")
	v.sees("Welcome, guest")
}

// passwordless takes a passkey on the page for the address: by its button, unless the browser
// offered it in the field by itself already.
func (s *story) passwordless(v *browser) {
	offered := func() bool { return !v.shows("E-mail address") }
	v.waitFor(func() bool {
		return offered() || eval[bool](v, pressJS+"("+q("Sign in with a passkey")+")")
	}, 10*time.Second)
}

// A key that is only touched: the second factor of a MEDIUM sign-in, and nothing without the
// password.
func TestSecurityKeyAsSecondFactorInABrowser(t *testing.T) {
	s, v := keyStory(t, "touchkey")
	key := v.plugIn(touchKey)
	s.addKey(v, "Blue key")
	v.sees("“Blue key” was added")
	v.sees("Second factor")
	s.leave(v, s.sys.cpms.url+"/stepup?to=/request/new") // asks for MEDIUM
	v.tap("Sign in with a passkey")
	v.sees("It was cancelled, or took too long")
	s.step("key-without-user-verification")
	v.press("Sign in with e-mail address and password")
	s.signIn("security_key")
	v.sees("Submit access request")

	key.unplug()
	waiting := touchKey
	waiting.AutomaticPresenceSimulation = false
	v.plugIn(waiting)
	s.leave(v, s.sys.cpms.url+"/stepup?to=/request/new")
	s.signIn("security_key")
	v.sees("Waiting for your browser")
	s.step("key-second-factor")
	v.press("Use another method")
	v.sees("Verification method")
	s.step("key-other-method")
}

// Right after the first password a passkey is offered, and then the service goes on.
func TestPasskeyAfterTheFirstPassword(t *testing.T) {
	sys := startSystem(t)
	v := newBrowser(t, "firstkey", true)
	s := &story{t: t, sys: sys, v: v, phone: newSimPhone(t), who: anna("firstkey")}
	v.open(sys.cpms.url + "/signin")
	v.press("Create an account")
	s.createPassword(v.url())
	v.plugIn(platform)
	v.press("Add a passkey")
	v.sees("Add a Security Key")
	v.fill("name", "Laptop")
	v.press("Submit")
	v.sees("“Laptop” was added")
	s.step("key-added-on-the-way")
	v.press("Proceed")
	v.sees("Welcome, guest")
}

// A browser that cannot, and one whose scripts are off, say what to do instead.
func TestBrowsersThatCannotUseKeys(t *testing.T) {
	s, v := keyStory(t, "oldbrowser")
	call(v, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "delete window.PublicKeyCredential"})
	s.addKey(v, "Key")
	v.sees("This browser cannot use security keys or passkeys")
	v.sees("or add a mobile device instead")
	s.step("key-unsupported")
	off := newBrowser(t, "oldbrowser-off", false)
	off.open(s.sys.cpms.url + "/signin")
	off.press("Sign in with a passkey")
	off.sees("JavaScript is switched off")
	off.picture("key-noscript")
	off.press("Sign in with e-mail address and password")
	off.sees("E-mail address")
}

// What an authenticator can do wrong, and what the page says.
func TestWrongAnswersOfKeysInABrowser(t *testing.T) {
	s, v := keyStory(t, "badkey")
	options := platform
	options.HasCmtgKey = true // without it Chromium takes no key back
	key := v.plugIn(options)
	s.addKey(v, "Laptop")
	v.sees("“Laptop” was added")
	made, yes, no := key.keys()[0], true, false
	old := webauthn.Credential{
		CredentialID: made.CredentialID, IsResidentCredential: true, RpID: made.RpID, PrivateKey: made.PrivateKey, UserHandle: made.UserHandle, SignCount: made.SignCount,
	}
	override := func(p webauthn.SetResponseOverrideBitsParams) {
		p.AuthenticatorID = key.id
		call(v, webauthn.SetResponseOverrideBits, p)
	}
	s.leave(v, s.sys.cpms.url+"/stepup?to=/request/new")
	override(webauthn.SetResponseOverrideBitsParams{IsBogusSignature: &yes})
	s.passwordless(v)
	v.sees("The answer of the browser is not valid here")
	s.step("key-bogus")
	override(webauthn.SetResponseOverrideBitsParams{IsBadUV: &yes})
	v.tap("Try again")
	v.sees("It did not check that it is you")
	override(webauthn.SetResponseOverrideBitsParams{IsBogusSignature: &no, IsBadUV: &no})
	v.tap("Try again")
	v.sees("Submit access request")

	// A copy that was made before: its counter is behind.
	call(v, webauthn.RemoveCredential, webauthn.RemoveCredentialParams{AuthenticatorID: key.id, CredentialID: old.CredentialID})
	call(v, webauthn.AddCredential, webauthn.AddCredentialParams{AuthenticatorID: key.id, Credential: &old})
	s.leave(v, s.sys.cpms.url+"/signin")
	s.passwordless(v)
	v.sees("This one was just disabled")
	s.step("key-copied")
	s.sys.await(s.who.email, "there may be a copy of it")
	key.unplug()
	v.press("Sign in with e-mail address and password")
	s.signIn("password")
	v.open(s.sys.idp.url + "/account/keys")
	v.sees("“Laptop” was disabled")
	s.step("key-disabled")
}

// A service that asks for phishing resistance gets it by a key, and by nothing else. Who has
// none is led through adding one, and back to the same request.
func TestPhishingResistantSignIn(t *testing.T) {
	s, v := keyStory(t, "phr")
	rp := newRelyingParty(t, s.sys)
	v.open(rp.authorize(`{"id_token":{"acr":{"essential":true,"values":["phr"]}}}`))
	v.sees("Add a second factor")
	s.step("phr-enrol-first")
	if v.shows("Add a mobile device") {
		t.Error("a mobile device is offered, which is not phishing-resistant")
	}
	key := v.plugIn(platform)
	v.press("Add a security key or passkey")
	v.sees("Your sign-in goes on by itself")
	s.step("phr-key-add")
	v.fill("name", "Laptop")
	v.press("Submit")
	v.sees("Verification method")
	v.press("Sign in")
	claims := rp.claims(v)
	if claims.ACR != "phr" || !strings.Contains(strings.Join(claims.AMR, " "), "pop") {
		t.Errorf("the ID token says %+v", claims)
	}
	v.open(rp.authorize(`{"id_token":{"acr":{"essential":true,"values":["phrh"]}}}`))
	if got := rp.failed(v); got != "unmet_authentication_requirements" {
		t.Errorf("hardware that nobody attested: %q", got)
	}
	s.leave(v, rp.authorize(`{"id_token":{"acr":{"essential":true,"values":["phr"]}}}`))
	s.passwordless(v)
	if again := rp.claims(v); again.ACR != "phr" || again.Sub != claims.Sub {
		t.Errorf("by the passkey alone: %+v", again)
	}
	key.unplug()
}
