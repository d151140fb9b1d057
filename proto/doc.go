// Package proto is the top of the module of contracts: idp/v1 and cpms/v1 with their generated
// code, and kit, what both services share. It has no code of its own; its test compares the
// contracts with the released ones.
package proto
