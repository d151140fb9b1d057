package proto_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	cpmsv1 "eulogin.example/proto/cpms/v1"
	idpv1 "eulogin.example/proto/idp/v1"
)

var update = flag.Bool("update", false, "write the present contracts as the released ones; refused when they break the released ones")

// released holds the contracts as they were released: a FileDescriptorSet.
const released = "testdata/v1.binpb"

var contracts = []protoreflect.FileDescriptor{idpv1.File_idp_v1_idp_proto, cpmsv1.File_cpms_v1_cpms_proto}

// TestContractsKeepWhatWasReleased: nothing that was released may go, change its number or its
// type. What is new must be written down, so that it is kept from then on.
func TestContractsKeepWhatWasReleased(t *testing.T) {
	now := &descriptorpb.FileDescriptorSet{}
	for _, f := range contracts {
		now.File = append(now.File, protodesc.ToFileDescriptorProto(f))
	}
	before := read(t)
	broken := compare(before, now)
	for _, b := range broken {
		t.Errorf("breaks the released contract: %s", b)
	}
	if *update && len(broken) == 0 {
		raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(now)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(released, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		before = read(t)
	}
	for _, back := range compare(now, before) {
		if fresh, ok := strings.CutSuffix(back, ": gone"); ok {
			t.Errorf("new, and not yet in %s (go test . -update): %s", released, fresh)
		}
	}
}

// TestEveryMethodSaysWhetherItMayBeRepeated: package wire repeats calls by this option.
func TestEveryMethodSaysWhetherItMayBeRepeated(t *testing.T) {
	seen := 0
	for _, f := range contracts {
		for i := range f.Services().Len() {
			for j := range f.Services().Get(i).Methods().Len() {
				m := f.Services().Get(i).Methods().Get(j)
				seen++
				if m.Options().(*descriptorpb.MethodOptions).IdempotencyLevel == nil {
					t.Errorf("%s has no idempotency_level", m.FullName())
				}
			}
		}
	}
	if seen < 3 {
		t.Fatalf("only %d methods were looked at", seen)
	}
}

func read(t *testing.T) *descriptorpb.FileDescriptorSet {
	t.Helper()
	raw, err := os.ReadFile(released)
	if err != nil && !(*update && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(raw, set); err != nil {
		t.Fatal(err)
	}
	return set
}

// compare gives what of before is gone from now or is another thing there, sorted.
func compare(before, now *descriptorpb.FileDescriptorSet) (broken []string) {
	have := describe(now)
	for name, what := range describe(before) {
		switch is, ok := have[name]; {
		case !ok:
			broken = append(broken, name+": gone")
		case is != what:
			broken = append(broken, name+": was "+what+", is "+is)
		}
	}
	slices.Sort(broken)
	return broken
}
