package audit

// Events about clients concern nobody's account. by says who did it: "command" with the user of the
// operating system, "grpc" with the name in the caller's certificate, "initial token" with its id, or
// "client" for one that manages its own registration.

func aboutClient(id, by, action string, detail map[string]string) Event {
	all := map[string]string{"client": id, "by": by}
	for k, v := range detail {
		all[k] = v
	}
	return Event{Action: action, Detail: all}
}

// ClientRegistered records a new client; state is "pending" when an operator has yet to approve it.
func ClientRegistered(id, by, state string) Event {
	return aboutClient(id, by, "client.registered", map[string]string{"state": state})
}

// ClientUpdated records that a client's metadata were replaced.
func ClientUpdated(id, by string) Event { return aboutClient(id, by, "client.updated", nil) }

// ClientSecretRotated records that a client got a new secret.
func ClientSecretRotated(id, by string) Event {
	return aboutClient(id, by, "client.secret_rotated", nil)
}

// ClientDisabled records that a client gets nothing any more.
func ClientDisabled(id, by string) Event { return aboutClient(id, by, "client.disabled", nil) }

// ClientEnabled records that a client may be served: again, or after its approval.
func ClientEnabled(id, by string) Event { return aboutClient(id, by, "client.enabled", nil) }

// ClientRemoved records that a client is gone with all that it had been given.
func ClientRemoved(id, by string) Event { return aboutClient(id, by, "client.removed", nil) }

// InitialTokenIssued records that clients can be registered with a new initial access token.
func InitialTokenIssued(id, by string) Event {
	return Event{Action: "initial_token.issued", Detail: map[string]string{"token": id, "by": by}}
}

// InitialTokenRevoked records that nothing can be registered with it any more.
func InitialTokenRevoked(id, by string) Event {
	return Event{Action: "initial_token.revoked", Detail: map[string]string{"token": id, "by": by}}
}
