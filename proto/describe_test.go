package proto_test

import (
	"fmt"

	"google.golang.org/protobuf/types/descriptorpb"
)

// facts is what callers on the other side rely on: name -> number, type and place.
type facts map[string]string

// describe collects the facts of all files, nested types too. Names count as well as numbers:
// code and JSON use them.
func describe(set *descriptorpb.FileDescriptorSet) facts {
	out := facts{}
	for _, f := range set.GetFile() {
		for _, m := range f.GetMessageType() {
			out.message(f.GetPackage(), m)
		}
		for _, e := range f.GetEnumType() {
			out.enum(f.GetPackage(), e)
		}
		for _, s := range f.GetService() {
			for _, m := range s.GetMethod() {
				out["method "+f.GetPackage()+"."+s.GetName()+"/"+m.GetName()] = fmt.Sprintf("%s -> %s, stream in %t out %t, %s",
					m.GetInputType(), m.GetOutputType(), m.GetClientStreaming(), m.GetServerStreaming(), m.GetOptions().GetIdempotencyLevel())
			}
		}
	}
	return out
}

func (out facts) message(at string, m *descriptorpb.DescriptorProto) {
	name := at + "." + m.GetName()
	out["message "+name] = "message"
	for _, f := range m.GetField() {
		place := "alone"
		if f.OneofIndex != nil {
			place = "in oneof " + m.GetOneofDecl()[f.GetOneofIndex()].GetName()
		}
		out["field "+name+"."+f.GetName()] = fmt.Sprintf("%d %s %s %s, %s", f.GetNumber(), f.GetLabel(), f.GetType(), f.GetTypeName(), place)
	}
	for _, r := range m.GetReservedRange() {
		for n := r.GetStart(); n < r.GetEnd(); n++ {
			out[fmt.Sprintf("reserved %s %d", name, n)] = "reserved"
		}
	}
	for _, n := range m.GetNestedType() {
		out.message(name, n)
	}
	for _, e := range m.GetEnumType() {
		out.enum(name, e)
	}
}

func (out facts) enum(at string, e *descriptorpb.EnumDescriptorProto) {
	for _, v := range e.GetValue() {
		out["value "+at+"."+e.GetName()+"."+v.GetName()] = fmt.Sprint(v.GetNumber())
	}
}
