// Package recoverycodes is "My recovery codes" under /account/recovery-codes: how many are
// left, getting new ones (shown once, to be printed or saved) and removing them.
//
// It owns pages only; the rules are in factor/recovery.
package recoverycodes
