// Package codelogin puts the methods with typed codes (authenticator apps, text messages,
// recovery codes) behind the interface by which a sign-in sees verification methods
// (login.Answered). It holds no rule of its own.
package codelogin
