// Package phoneclient is a phone without a screen: the second implementation of
// idp/docs/app-protocol.md, for the command line (cmd/phonesim) and for tests.
//
// It is written from the document and shares no code with the server on purpose: where the
// two disagree, a test fails. It owns the client's side of the protocol and a file that
// plays the phone's memory. Its keys lie in that file and can be copied, unlike a real
// phone's, so it is a tool for development and tests.
package phoneclient
