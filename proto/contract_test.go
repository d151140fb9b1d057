package proto_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	cpmsv1 "eulogin.example/proto/cpms/v1"
	idpv1 "eulogin.example/proto/idp/v1"
)

var update = flag.Bool("update", false, "write the present contract as the one to keep")

const kept = "testdata/v1.txt"

// TestContractIsNotBroken compares every field, enum value and method with the ones that
// were released: nothing may go, change its number or its type. New things may come; -update
// writes them down.
func TestContractIsNotBroken(t *testing.T) {
	var now []string
	for _, f := range []protoreflect.FileDescriptor{idpv1.File_idp_v1_idp_proto, cpmsv1.File_cpms_v1_cpms_proto} {
		now = append(now, describe(f)...)
	}
	slices.Sort(now)
	if *update {
		if err := os.WriteFile(kept, []byte(strings.Join(now, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	released := strings.Split(strings.TrimSpace(string(raw)), "\n")
	for _, line := range released {
		if !slices.Contains(now, line) {
			t.Errorf("gone or changed: %s", line)
		}
	}
	for _, line := range now {
		if !slices.Contains(released, line) {
			t.Errorf("new, not written down (go test -update): %s", line)
		}
	}
}

func TestBreakingChangeIsSeen(t *testing.T) {
	lines := describe(idpv1.File_idp_v1_idp_proto)
	for _, want := range []string{
		"field idp.v1.GetAssuranceRequest.subject = 1 optional string",
		"method idp.v1.Accounts.GetAssurance(idp.v1.GetAssuranceRequest) idp.v1.GetAssuranceResponse",
		"value idp.v1.Level.LEVEL_MEDIUM = 2",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("the description lacks %q in\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

func describe(f protoreflect.FileDescriptor) (lines []string) {
	for i := range f.Messages().Len() {
		m := f.Messages().Get(i)
		for j := range m.Fields().Len() {
			d := m.Fields().Get(j)
			kind := d.Kind().String()
			if d.Message() != nil {
				kind = string(d.Message().FullName())
			}
			if d.Enum() != nil {
				kind = string(d.Enum().FullName())
			}
			lines = append(lines, fmt.Sprintf("field %s = %d %s %s", d.FullName(), d.Number(), d.Cardinality(), kind))
		}
	}
	for i := range f.Enums().Len() {
		e := f.Enums().Get(i)
		for j := range e.Values().Len() {
			lines = append(lines, fmt.Sprintf("value %s.%s = %d", e.FullName(), e.Values().Get(j).Name(), e.Values().Get(j).Number()))
		}
	}
	for i := range f.Services().Len() {
		s := f.Services().Get(i)
		for j := range s.Methods().Len() {
			m := s.Methods().Get(j)
			lines = append(lines, fmt.Sprintf("method %s(%s) %s", m.FullName(), m.Input().FullName(), m.Output().FullName()))
		}
	}
	return lines
}
