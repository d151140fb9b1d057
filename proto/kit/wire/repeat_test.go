package wire_test

import (
	"context"
	"slices"
	"testing"
	"time"

	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/wire"
)

var errDown = fault.New(fault.Unavailable, "test.down")

// TestRepeatableCallsSurviveARestart: a call that may be repeated is, twice, and no other
// failure is.
func TestRepeatableCallsSurviveARestart(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	cc := f.dial(t, "cpms", "idp")
	f.answer = func(context.Context) error {
		if f.calls() < 3 {
			return errDown
		}
		return nil
	}
	must(t, call(t.Context(), cc))
	f.answer = func(context.Context) error { return errUnknown }
	if err := call(t.Context(), cc); fault.KindOf(err) != fault.NotFound || f.calls() != 4 {
		t.Fatalf("%v after %d calls", err, f.calls())
	}
}

// TestAServiceThatIsDownGetsNoStorm: the throttle ends the repeats while most calls fail.
func TestAServiceThatIsDownGetsNoStorm(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	cc := f.dial(t, "cpms", "idp")
	f.answer = func(context.Context) error { return errDown }
	for range 20 {
		if err := call(t.Context(), cc); fault.CodeOf(err) != "test.down" {
			t.Fatal(err)
		}
	}
	if n := f.calls(); n > 26 { // 20 calls and the first few repeats
		t.Fatalf("20 calls became %d", n)
	}
}

// TestRepeatsStayWithinTheDeadline: nobody waits longer because of them.
func TestRepeatsStayWithinTheDeadline(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	f.answer = func(context.Context) error { time.Sleep(60 * time.Millisecond); return errDown }
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := call(ctx, f.dial(t, "cpms", "idp")); fault.KindOf(err) != fault.Unavailable || time.Since(begun) > time.Second {
		t.Fatalf("%v after %v", err, time.Since(begun))
	}
}

// TestOnlyContractsThatSaySoAreRepeated: gRPC's own services say nothing, so they are not.
func TestOnlyContractsThatSaySoAreRepeated(t *testing.T) {
	var names []string
	for _, m := range wire.Repeatable() {
		names = append(names, "/"+m["service"]+"/"+m["method"])
	}
	slices.Sort(names)
	want := []string{
		idpv1.Accounts_GetAssurance_FullMethodName, idpv1.Clients_DisableClient_FullMethodName, idpv1.Clients_EnableClient_FullMethodName,
		idpv1.Clients_GetClient_FullMethodName, idpv1.Clients_ListClients_FullMethodName, idpv1.Sessions_List_FullMethodName, idpv1.Sessions_Revoke_FullMethodName,
	}
	if !slices.Equal(names, want) {
		t.Fatalf("%v, want %v", names, want)
	}
}

// TestADeadServiceAnswersSoon: nobody listens; the caller knows within its second.
func TestADeadServiceAnswersSoon(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	cc := f.dial(t, "cpms", "idp")
	must(t, call(t.Context(), cc))
	f.server.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	begun := time.Now()
	if err := call(ctx, cc); fault.KindOf(err) != fault.Unavailable || time.Since(begun) > 1200*time.Millisecond {
		t.Fatalf("%v after %v", err, time.Since(begun))
	}
}
