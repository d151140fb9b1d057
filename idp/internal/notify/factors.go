package notify

import "time"

// FactorAdded says that a verification method was added: method is its policy name, name what
// the person calls it ("" when it has none), url where to manage it, and undo the link that
// says "this wasn't me".
func FactorAdded(p Person, method, name string, at time.Time, url, undo string) Message {
	return p.message(FactorWasAdded, factorData(method, name, at, url, undo))
}

// FactorRemoved says that a verification method was removed.
func FactorRemoved(p Person, method, name string, at time.Time, url, undo string) Message {
	return p.message(FactorWasRemoved, factorData(method, name, at, url, undo))
}

// FactorUndone says that a change was undone by the link in its mail, and that every session
// ended; lostURL is where a new password is chosen.
func FactorUndone(p Person, method, name string, at time.Time, lostURL string) Message {
	return p.message(FactorWasUndone, factorData(method, name, at, lostURL, ""))
}

func factorData(method, name string, at time.Time, url, undo string) map[string]string {
	if name != "" {
		name = " “" + name + "”"
	}
	return map[string]string{dataMethod: method, dataWhat: name, dataAt: stamp(at), dataURL: url, dataOther: undo}
}
