// Package devices is "Manage my mobile devices" under /account/devices: the list, adding a
// device with name and PIN, the page with the QR code that waits for the phone, and deleting.
//
// It owns pages only; the rules are in factor/phone. It also knows how to come back to a
// sign-in that sent the person here to add a first device (?flow=).
package devices
