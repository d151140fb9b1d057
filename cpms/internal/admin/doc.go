// Package admin is what administrators keep: who coordinates which network by their word, the
// helpdesk address of a network and whether it takes requests, and the list of hospitals.
//
// An administrator decides about no request and makes nobody an administrator; that role is
// an operator's to give. A coordinator is made by two administrators, as by two coordinators
// where the role is asked for. Every change needs the fresh MEDIUM sign-in of a decision and is
// written down.
package admin
