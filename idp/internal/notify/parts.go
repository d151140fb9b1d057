package notify

// kinds says of what each mail's body consists: texts of the catalogue by the last piece
// of their key, and "@" for what the message carries.
var kinds = map[Kind][]string{
	RegisterConfirm:    {"registered", "follow", "@url", "limit", "code", "@code", "copy", "@copy", "help", "delay"},
	RegisterKnown:      {"known", "signin", "@url", "lost", "@other", "notyou"},
	RegisterDone:       {"done", "@url", "factor", "notyou"},
	RecoverLink:        {"asked", "@url", "limit", "copy", "@copy", "notyou"},
	RecoverUnknown:     {"asked", "none", "@url", "notyou"},
	RecoverDisabled:    {"asked", "disabled"},
	RecoverDone:        {"changed", "ended", "notyou", "@url"},
	PasswordWasSet:     {"changed", "ended", "notyou", "@url"},
	DetailsWereSet:     {"changed", "@url", "notyou"},
	DeviceWasDisabled:  {"disabled", "@url", "notyou"},
	KeyWasDisabled:     {"disabled", "remove", "@url", "notyou"},
	KeyWasIssued:       {"issued", "@url", "notyou"},
	SignInWasLocked:    {"locked", "wait", "notyou", "@url"},
	AddressAsked:       {"asked", "@url", "limit", "copy", "@copy", "notyou"},
	AddressWasTaken:    {"asked", "nothing", "@url"},
	AddressWasChanged:  {"changed", "@url"},
	AddressWasLeft:     {"changed", "notyou", "@other", "week"},
	AddressWasRestored: {"restored", "ended", "@url"},
	SignInWasNew:       {"new", "notyou", "@url", "off"},
	SignInWasDisowned:  {"disowned", "ended", "@url"},
	SignInWasRefused:   {"refused", "notyou", "@url"},
	SignInWasGuessed:   {"guessed", "notyou", "@url"},
	FactorWasAdded:     {"added", "@url", "notyou", "@other", "week"},
	FactorWasRemoved:   {"removed", "@url", "notyou", "@other", "week"},
	FactorWasUndone:    {"undone", "ended", "@url"},
	RecoveryWasUsed:    {"used", "left", "@url", "notyou"},
	SMSChallenge:       nil,
	SMSSignIn:          nil,
}
