// Package services serves "Services and what they know" in My account: which service may be told what,
// since when and by which page, and the ways to stop one thing or to take everything back.
package services
