// Package newpassword is the page on which a new password is chosen: after registering,
// after a lost password, and in "My account". The three areas render the one template
// "password/choose" with its View.
//
// It owns the rule's text, the samples and their endpoint for pages with scripts. What
// happens with the password is the areas' business.
package newpassword
