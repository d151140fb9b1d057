package wire_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"os"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/protobuf/proto"

	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/wire"
)

// TestOddPathsReachNoHandler (security case 45, grpc-go CVE-2026-33186): a caller who may use
// the method, and whose :path is anything but its name, gets no answer. Written frame by frame,
// because gRPC's client would mend some of them. The first row shows that the frames are right.
func TestOddPathsReachNoHandler(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}, method[1:]: {"cpms"}, "": {"cpms"}, "/": {"cpms"}, "//": {"cpms"}})
	missing := ""
	for _, tt := range []struct {
		path  *string
		calls int64
	}{
		{ptr(method), 1}, {ptr(method[1:]), 1}, {ptr("/" + method), 1}, {ptr(method + "/"), 1}, {ptr("/idp.v1.Accounts//GetAssurance"), 1},
		{ptr("/idp.v1.Accounts/getAssurance"), 1}, {ptr("/IDP.v1.Accounts/GetAssurance"), 1}, {ptr("/idp.v1.Accounts/GetAssurance?x"), 1}, {ptr("/idp.v1.Accounts/%47etAssurance"), 1},
		{ptr("/x/../idp.v1.Accounts/GetAssurance"), 1}, {ptr("/"), 1}, {ptr("//"), 1}, {ptr("*"), 1}, {&missing, 1}, {nil, 1}, {ptr(method), 2},
	} {
		answered := rawCall(t, f, tt.path, "grpc-timeout", "3S")
		name := "no :path"
		if tt.path != nil {
			name = *tt.path
		}
		if f.calls() != tt.calls || answered != (name == method) {
			t.Fatalf("%q: answered %t, %d calls reached the handler, want %d", name, answered, f.calls(), tt.calls)
		}
	}
}

func ptr(s string) *string { return &s }

// rawCall sends one call by hand, with one more header unless it is empty, and reports whether
// it was answered with grpc-status 0.
func rawCall(t *testing.T, f *fixture, path *string, name, value string) bool {
	t.Helper()
	files := wire.DevFiles(f.dir, "cpms")
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	must(t, err)
	ca, err := os.ReadFile(files.CA)
	must(t, err)
	cas := x509.NewCertPool()
	cas.AppendCertsFromPEM(ca)
	conn, err := tls.Dial("tcp", f.addr, &tls.Config{RootCAs: cas, ServerName: "idp", Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS13})
	must(t, err)
	defer func() { _ = conn.Close() }()
	must(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
	_, err = conn.Write([]byte(http2.ClientPreface))
	must(t, err)
	fr := http2.NewFramer(conn, conn)
	fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	must(t, fr.WriteSettings())
	must(t, fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: headers(t, path, name, value), EndHeaders: true}))
	body, err := proto.Marshal(&idpv1.GetAssuranceRequest{Subject: "n00aaaaaaaa"})
	must(t, err)
	must(t, fr.WriteData(1, true, append([]byte{0, 0, 0, 0, byte(len(body))}, body...)))
	for {
		frame, err := fr.ReadFrame()
		if err != nil {
			return false // the server hung up
		}
		switch frame := frame.(type) {
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			return false
		case *http2.MetaHeadersFrame:
			for _, h := range frame.Fields {
				if h.Name == "grpc-status" {
					return h.Value == "0"
				}
			}
			if frame.StreamEnded() {
				return false
			}
		}
	}
}

func headers(t *testing.T, path *string, name, value string) []byte {
	t.Helper()
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	fields := []hpack.HeaderField{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "idp"}}
	if path != nil {
		fields = append(fields, hpack.HeaderField{Name: ":path", Value: *path})
	}
	fields = append(fields, hpack.HeaderField{Name: "content-type", Value: "application/grpc"}, hpack.HeaderField{Name: "te", Value: "trailers"})
	if value != "" {
		fields = append(fields, hpack.HeaderField{Name: name, Value: value})
	}
	for _, h := range fields {
		must(t, enc.WriteField(h))
	}
	return block.Bytes()
}
