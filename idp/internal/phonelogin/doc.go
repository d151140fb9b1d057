// Package phonelogin puts the phone's app (factor/phone) behind the interface by which a
// sign-in sees verification methods (login.Method). It holds no rule of its own.
package phonelogin
