// Package network is the reference data: the 24 European Reference Networks, spelled exactly
// (domain.md §2.5), countries, and hospitals. The hospitals are demonstration data: names of
// real places with memberships that are not checked.
//
// It is compiled in and owns no rule.
package network
