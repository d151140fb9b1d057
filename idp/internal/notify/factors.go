package notify

import "time"

// FactorAdded says that a verification method was added: method is its policy name, name what
// the person calls it ("" when it has none), and url where to undo or manage it.
func FactorAdded(p Person, method, name string, at time.Time, url string) Message {
	return p.message(FactorWasAdded, factorData(method, name, at, url))
}

// FactorRemoved says that a verification method was removed.
func FactorRemoved(p Person, method, name string, at time.Time, url string) Message {
	return p.message(FactorWasRemoved, factorData(method, name, at, url))
}

func factorData(method, name string, at time.Time, url string) map[string]string {
	if name != "" {
		name = " “" + name + "”"
	}
	return map[string]string{dataMethod: method, dataWhat: name, dataAt: stamp(at), dataURL: url}
}
