package notify

import "time"

// ErasureWaits says that the account will be erased, when, and how to stop it without a sign-in.
func ErasureWaits(p Person, at, due time.Time, stopURL, pageURL string) Message {
	return p.message(ErasureIsWaiting, map[string]string{dataAt: stamp(at), dataUntil: stamp(due), dataURL: stopURL, dataOther: pageURL})
}

// ErasureStopped says that the account stays.
func ErasureStopped(p Person, at time.Time, lostURL string) Message {
	return p.message(ErasureWasStopped, map[string]string{dataAt: stamp(at), dataURL: lostURL})
}

// AccountErased is the last message to somebody: the account is gone. number is that of the receipt.
func AccountErased(p Person, at time.Time, number string) Message {
	return p.message(AccountWasErased, map[string]string{dataAt: stamp(at), dataCode: number})
}
