package notify

import "time"

// ClaimStopped says that a service is told one thing less; pageURL is where the person sees what it
// still knows.
func ClaimStopped(p Person, service string, at time.Time, pageURL string) Message {
	return p.message(ConsentWasStopped, map[string]string{dataAt: stamp(at), dataWhat: service, dataURL: pageURL})
}

// ConsentWithdrawn says that a service must ask again, and that the person was signed out of it.
func ConsentWithdrawn(p Person, service string, at time.Time, pageURL string) Message {
	return p.message(ConsentWasWithdrawn, map[string]string{dataAt: stamp(at), dataWhat: service, dataURL: pageURL})
}
