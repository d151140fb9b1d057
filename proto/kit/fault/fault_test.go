package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"eulogin.example/proto/kit/fault"
)

var errExpired = fault.New(fault.Gone, "signup.link_expired")

func TestSentinelSurvivesWrapping(t *testing.T) {
	err := fmt.Errorf("open link: %w", errExpired.Because(errors.New("row 7")).After(time.Minute))
	if !errors.Is(err, errExpired) {
		t.Fatal("a derived fault must still be its sentinel")
	}
	if fault.KindOf(err) != fault.Gone || fault.HTTPStatus(err) != 410 {
		t.Fatalf("kind %v status %d", fault.KindOf(err), fault.HTTPStatus(err))
	}
	if errExpired.RetryAfter != 0 {
		t.Fatal("deriving must not change the sentinel")
	}
}

func TestFieldsAreCollectedOnCopies(t *testing.T) {
	base := fault.New(fault.Invalid, "join.form")
	if base.Or() != nil {
		t.Fatal("no field at fault means no error")
	}
	bad := base.WithField("email", "join.email.mismatch").WithField("given_name", "join.name.empty")
	if len(bad.Fields) != 2 || len(base.Fields) != 0 || bad.Or() == nil {
		t.Fatalf("fields %v, sentinel %v", bad.Fields, base.Fields)
	}
}

func TestUnknownErrorsAreInternal(t *testing.T) {
	err := errors.New("dial tcp 10.0.0.1")
	if fault.KindOf(err) != fault.Internal || fault.HTTPStatus(err) != 500 || fault.CodeOf(err) != "internal" {
		t.Fatal("an unknown error must be internal")
	}
	if st, _ := status.FromError(fault.ToGRPC(err)); st.Message() != "internal" {
		t.Fatalf("internal text leaked: %q", st.Message())
	}
}

func TestEveryKindSurvivesGRPC(t *testing.T) {
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		back := fault.FromGRPC(fault.ToGRPC(fault.New(k, "test."+k.String())))
		if fault.KindOf(back) != k || fault.CodeOf(back) != "test."+k.String() {
			t.Errorf("%v came back as %v %s", k, fault.KindOf(back), fault.CodeOf(back))
		}
	}
}

func TestFieldsAndTimeToWaitSurviveGRPC(t *testing.T) {
	sent := fault.New(fault.Invalid, "join.form").WithField("email", "join.email.mismatch", "secret@example.org").After(90 * time.Second)
	st, _ := status.FromError(fault.ToGRPC(sent))
	if strings.Contains(fmt.Sprint(st.Proto()), "secret@example.org") {
		t.Fatal("an argument of a message travelled")
	}
	back := fault.As(fault.FromGRPC(st.Err()))
	if back == nil || back.RetryAfter != 90*time.Second || len(back.Fields) != 1 || back.Fields["email"].Key != "join.email.mismatch" {
		t.Fatalf("%+v", back)
	}
	theirs, err := status.New(codes.InvalidArgument, "x").WithDetails(&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "email"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := fault.As(fault.FromGRPC(theirs.Err())); got.Code != "rpc.invalid" || got.Fields != nil {
		t.Fatalf("a stranger's details were believed: %+v", got)
	}
}

func TestStrangersStatuses(t *testing.T) {
	for code, want := range map[codes.Code]fault.Kind{
		codes.Unavailable: fault.Unavailable, codes.DeadlineExceeded: fault.Unavailable,
		codes.PermissionDenied: fault.Denied, codes.Internal: fault.Unavailable, codes.NotFound: fault.NotFound,
	} {
		if got := fault.KindOf(fault.FromGRPC(status.Error(code, "x"))); got != want {
			t.Errorf("%v: got %v want %v", code, got, want)
		}
	}
	if c := status.Code(fault.ToGRPC(context.DeadlineExceeded)); c != codes.DeadlineExceeded {
		t.Errorf("deadline became %v", c)
	}
}
