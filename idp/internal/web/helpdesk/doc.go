// Package helpdesk serves the console of the helpdesk's agents, behind a second factor shown
// lately, and the form with which people ask the helpdesk without signing in (domain.md row 40).
// Who is no agent finds no page.
package helpdesk
