package rpc_test

import (
	"testing"

	"eulogin.example/idp/internal/rpc"
	idpv1 "eulogin.example/proto/idp/v1"
)

// TestEveryMethodHasItsCallers: a method of the contract without callers could not be used, and
// a line of the list without a method would be a mistyped name.
func TestEveryMethodHasItsCallers(t *testing.T) {
	methods := 0
	services := idpv1.File_idp_v1_idp_proto.Services()
	for i := range services.Len() {
		s := services.Get(i)
		for j := range s.Methods().Len() {
			methods++
			full := "/" + string(s.FullName()) + "/" + string(s.Methods().Get(j).Name())
			if len(rpc.Allow[full]) == 0 {
				t.Errorf("%s has no caller", full)
			}
		}
	}
	if methods == 0 || len(rpc.Allow) != methods {
		t.Errorf("%d methods, and %d lines in the list of callers", methods, len(rpc.Allow))
	}
}
