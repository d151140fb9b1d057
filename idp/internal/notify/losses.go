package notify

import "time"

// LossLink carries the link that starts the wait of somebody who lost every second factor.
func LossLink(p Person, l Link) Message { return p.message(LossAsked, l.data(p)) }

// HelpdeskLink carries the link to the form with which a person asks the helpdesk.
func HelpdeskLink(p Person, l Link) Message { return p.message(HelpdeskAsked, l.data(p)) }

// LossWaits says that verification methods will be given up, not before due; pageURL is where to
// go then, stopURL the link that stops it.
func LossWaits(p Person, at, due time.Time, pageURL, stopURL string) Message {
	return p.message(LossIsWaiting, map[string]string{dataAt: stamp(at), dataUntil: stamp(due), dataURL: stopURL, dataOther: pageURL})
}

// LossText is the same as a text message. number is E.164.
func LossText(number, lang, stopURL string) Message {
	return Message{Kind: SMSLoss, To: number, Lang: lang, Data: map[string]string{dataWhat: stopURL}}
}

// LossDue says that the time has come, and until when it can be confirmed.
func LossDue(p Person, until time.Time, pageURL string) Message {
	return p.message(LossIsDue, map[string]string{dataUntil: stamp(until), dataURL: pageURL})
}

// LossStopped says that it was stopped; lostURL is where a new password is chosen.
func LossStopped(p Person, at time.Time, lostURL string) Message {
	return p.message(LossWasStopped, map[string]string{dataAt: stamp(at), dataURL: lostURL})
}

// LossDone says that every verification method was removed, and where to add new ones.
func LossDone(p Person, at time.Time, accountURL string) Message {
	return p.message(LossWasDone, map[string]string{dataAt: stamp(at), dataURL: accountURL})
}
