package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"eulogin.example/cpms/internal/receipt"
)

// keySetLimit is the longest key set that is read, in bytes.
const keySetLimit = 1 << 20

// VerifyReceipt checks the receipt in a file against a key set, and prints what was decided.
// keys is a file, or the address of a service, whose published keys are fetched; that service
// must then be the one that the receipt names.
func VerifyReceipt(ctx context.Context, file, keys string, out io.Writer) error {
	token, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	set, issuer, err := keySet(ctx, keys)
	if err != nil {
		return err
	}
	r, err := receipt.Verify(string(token), set)
	if err != nil {
		return err
	}
	if issuer != "" && issuer != r.Issuer {
		return fmt.Errorf("receipt: it names %s, and the keys are those of %s", r.Issuer, issuer)
	}
	fmt.Fprintln(out, "This receipt is genuine.")
	for _, f := range [][2]string{
		{"decision", r.Decision}, {"request", fmt.Sprintf("%s, version %d", r.Request, r.Version)}, {"network", r.Network}, {"role", r.Role}, {"requester", r.Subject},
		{"decided by", r.By}, {"in the place of", r.For}, {"decided at", r.At}, {"sign-in", r.ACR + ", at " + r.AuthTime}, {"content", "SHA-256 " + r.Seen}, {"issuer", r.Issuer},
	} {
		if f[1] != "" {
			fmt.Fprintf(out, "%-16s %s\n", f[0], f[1])
		}
	}
	return nil
}

// keySet reads a file, or fetches what a service publishes and gives whose it is.
func keySet(ctx context.Context, from string) (set []byte, issuer string, err error) {
	if !strings.HasPrefix(from, "https://") && !strings.HasPrefix(from, "http://") {
		set, err = os.ReadFile(from)
		return set, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	issuer = strings.TrimSuffix(from, "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer+receipt.KeysPath, nil)
	if err != nil {
		return nil, "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("receipt: %s answers %s", req.URL, resp.Status)
	}
	set, err = io.ReadAll(io.LimitReader(resp.Body, keySetLimit))
	return set, issuer, err
}
