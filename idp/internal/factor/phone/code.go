package phone

// CodeText is what the enrolment QR code says. The fragment never reaches a server, not
// even when a phone's camera app opens it as an address.
func CodeText(issuer, id, secret string) string { return issuer + "/app#enrol." + id + "." + secret }
