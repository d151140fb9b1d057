//go:build !race

package login

const raced = false
