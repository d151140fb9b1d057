// Package network is the reference data: the 24 European Reference Networks, spelled exactly
// (domain.md §2.5) with the address of their CPMS helpdesk, countries, and hospitals.
//
// The hospitals are DEMONSTRATION DATA: names of real places, memberships that nobody has
// checked, helpdesk addresses in the reserved domain .example. The data is compiled in from
// two CSV files; the package owns no rule.
package network
