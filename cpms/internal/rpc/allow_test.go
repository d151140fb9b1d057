package rpc_test

import (
	"maps"
	"testing"

	"eulogin.example/cpms/internal/api"
	"eulogin.example/cpms/internal/rpc"
	cpmsv1 "eulogin.example/proto/cpms/v1"
)

// TestEveryMethodHasItsCallers: a method of the contract without callers could not be used (those in
// persons' names by the operator's list), and
// a line of the list without a method would be a mistyped name.
func TestEveryMethodHasItsCallers(t *testing.T) {
	methods, allowed := 0, api.Allow([]string{"somebody"})
	maps.Copy(allowed, rpc.Allow)
	maps.Copy(allowed, rpc.AllowGrants([]string{"somebody"}))
	services := cpmsv1.File_cpms_v1_cpms_proto.Services()
	for i := range services.Len() {
		s := services.Get(i)
		for j := range s.Methods().Len() {
			methods++
			full := "/" + string(s.FullName()) + "/" + string(s.Methods().Get(j).Name())
			if len(allowed[full]) == 0 {
				t.Errorf("%s has no caller", full)
			}
		}
	}
	if methods == 0 || len(allowed) != methods {
		t.Errorf("%d methods, and %d lines in the list of callers", methods, len(allowed))
	}
}
