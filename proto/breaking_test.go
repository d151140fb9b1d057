package proto_test

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// TestBreakingChangesAreSeen breaks the released contracts in every way that matters, one at a
// time; each must give exactly one finding about the right thing.
func TestBreakingChangesAreSeen(t *testing.T) {
	before := read(t)
	for name, tt := range map[string]struct {
		change func(idp, cpms *descriptorpb.FileDescriptorProto)
		want   string
	}{
		"field removed": {func(idp, _ *descriptorpb.FileDescriptorProto) {
			m := message(idp, "GetAssuranceResponse")
			m.Field = slices.DeleteFunc(m.Field, func(f *descriptorpb.FieldDescriptorProto) bool { return f.GetName() == "email" })
		}, "field idp.v1.GetAssuranceResponse.email: gone"},
		"field renumbered": {func(idp, _ *descriptorpb.FileDescriptorProto) {
			field(idp, "GetAssuranceRequest", "subject").Number = proto.Int32(2)
		}, "field idp.v1.GetAssuranceRequest.subject: was 1 LABEL_OPTIONAL TYPE_STRING , alone, is 2 LABEL_OPTIONAL TYPE_STRING , alone"},
		"field retyped": {func(_, cpms *descriptorpb.FileDescriptorProto) {
			field(cpms, "DeliverRequest", "sequence").Type = descriptorpb.FieldDescriptorProto_TYPE_INT64.Enum()
		}, "field cpms.v1.DeliverRequest.sequence: was 4 LABEL_OPTIONAL TYPE_UINT64 , alone, is 4 LABEL_OPTIONAL TYPE_INT64 , alone"},
		"field repeated": {func(idp, _ *descriptorpb.FileDescriptorProto) {
			field(idp, "RevokeRequest", "reason").Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
		}, "field idp.v1.RevokeRequest.reason: was 2 LABEL_OPTIONAL TYPE_STRING , alone, is 2 LABEL_REPEATED TYPE_STRING , alone"},
		"field out of its oneof": {func(_, cpms *descriptorpb.FileDescriptorProto) {
			field(cpms, "DeliverRequest", "erased").OneofIndex = nil
		}, "field cpms.v1.DeliverRequest.erased: was 15 LABEL_OPTIONAL TYPE_MESSAGE .cpms.v1.Erased, in oneof event, is 15 LABEL_OPTIONAL TYPE_MESSAGE .cpms.v1.Erased, alone"},
		"reserved number given back": {func(idp, _ *descriptorpb.FileDescriptorProto) {
			message(idp, "GetAssuranceResponse").ReservedRange = nil
		}, "reserved idp.v1.GetAssuranceResponse 9: gone"},
		"value renumbered": {func(idp, _ *descriptorpb.FileDescriptorProto) {
			idp.EnumType[0].Value[2].Number = proto.Int32(7)
		}, "value idp.v1.Level.LEVEL_MEDIUM: was 2, is 7"},
		"method removed": {func(idp, _ *descriptorpb.FileDescriptorProto) {
			idp.Service[1].Method = slices.DeleteFunc(idp.Service[1].Method, func(m *descriptorpb.MethodDescriptorProto) bool { return m.GetName() == "Revoke" })
		}, "method idp.v1.Sessions/Revoke: gone"},
		"method retyped": {func(idp, _ *descriptorpb.FileDescriptorProto) {
			idp.Service[0].Method[0].ServerStreaming = proto.Bool(true)
		}, "method idp.v1.Accounts/GetAssurance: was .idp.v1.GetAssuranceRequest -> .idp.v1.GetAssuranceResponse, stream in false out false, NO_SIDE_EFFECTS, " +
			"is .idp.v1.GetAssuranceRequest -> .idp.v1.GetAssuranceResponse, stream in false out true, NO_SIDE_EFFECTS"},
		"nothing": {func(_, _ *descriptorpb.FileDescriptorProto) {}, ""},
		"field added": {func(idp, _ *descriptorpb.FileDescriptorProto) {
			m := message(idp, "RevokeRequest")
			m.Field = append(m.Field, &descriptorpb.FieldDescriptorProto{Name: proto.String("new"), Number: proto.Int32(3)})
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			now := proto.CloneOf(before)
			tt.change(now.File[0], now.File[1])
			got := compare(before, now)
			if tt.want == "" && len(got) > 0 || tt.want != "" && !slices.Equal(got, []string{tt.want}) {
				t.Fatalf("found %q, want %q", got, tt.want)
			}
		})
	}
}

func message(f *descriptorpb.FileDescriptorProto, name string) *descriptorpb.DescriptorProto {
	return f.MessageType[slices.IndexFunc(f.MessageType, func(m *descriptorpb.DescriptorProto) bool { return m.GetName() == name })]
}

func field(f *descriptorpb.FileDescriptorProto, in, name string) *descriptorpb.FieldDescriptorProto {
	m := message(f, in)
	return m.Field[slices.IndexFunc(m.Field, func(f *descriptorpb.FieldDescriptorProto) bool { return f.GetName() == name })]
}
