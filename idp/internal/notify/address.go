package notify

import "time"

// AddressLink carries the link that makes an address the account's; it goes to that address.
func AddressLink(p Person, l Link) Message { return p.message(AddressAsked, l.data(p)) }

// AddressTaken tells the owner of an address that somebody wanted it for another account;
// nothing happened.
func AddressTaken(p Person, accountURL string) Message {
	return p.message(AddressWasTaken, map[string]string{dataEmail: p.Email, dataURL: accountURL})
}

// AddressChanged confirms the change to the new address.
func AddressChanged(p Person, at time.Time, accountURL string) Message {
	return p.message(AddressWasChanged, map[string]string{dataEmail: p.Email, dataAt: stamp(at), dataURL: accountURL})
}

// AddressLeft tells the former address, with the link that takes the change back.
func AddressLeft(p Person, newEmail string, at time.Time, undoURL string) Message {
	return p.message(AddressWasLeft, map[string]string{dataEmail: p.Email, dataWhat: newEmail, dataAt: stamp(at), dataOther: undoURL})
}

// AddressRestored says that the change was taken back and every session ended.
func AddressRestored(p Person, at time.Time, lostURL string) Message {
	return p.message(AddressWasRestored, map[string]string{dataAt: stamp(at), dataURL: lostURL})
}
