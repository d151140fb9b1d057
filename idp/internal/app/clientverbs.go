package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/registration"
)

func (c clientCommand) register(ctx context.Context, args []string) error {
	file, err := one(args, named("register"))
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	r, err := c.Register(ctx, c.by, raw)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "client %s: registered, version %d\n", r.ID, r.Version)
	c.secret(r.Secret)
	return nil
}

// secret shows a secret, which nothing shows again.
func (c clientCommand) secret(secret string) {
	if secret != "" {
		fmt.Fprintf(c.out, "client_secret: %s\n(it is shown this once)\n", secret)
	}
}

func (c clientCommand) update(ctx context.Context, args []string) error {
	flags := named("update")
	version := flags.Int64("version", 0, "")
	file, err := one(args, flags)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if *version < 1 {
		return errClientUsage
	}
	r, err := c.Update(ctx, c.by, *version, raw)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "client %s: updated, version %d\n", r.ID, r.Version)
	c.secret(r.Secret)
	return nil
}

func (c clientCommand) list(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return errClientUsage
	}
	for _, f := range c.Clients.Files() {
		fmt.Fprintf(c.out, "%s\tfile\t%s\n", f.ID, f.Name)
	}
	const most = 500
	for after := ""; ; {
		page, err := c.List(ctx, after, most)
		if err != nil {
			return err
		}
		for _, r := range page {
			after = r.ID
			known, err := c.Clients.Known(ctx, r.ID)
			what := "cannot be read by this version"
			if err == nil {
				what = known.Name
			}
			fmt.Fprintf(c.out, "%s\t%s\t%s\n", r.ID, r.State, what)
		}
		if len(page) < most {
			return nil
		}
	}
}

// show prints the record without its secrets: whoever needs one rotates it.
func (c clientCommand) show(ctx context.Context, args []string) error {
	id, err := one(args, named("show"))
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(c.Clients.Files(), func(f *client.Client) bool { return f.ID == id }); i >= 0 {
		return c.print(map[string]any{"id": id, "from": "file", "metadata": c.Clients.Files()[i]})
	}
	r, err := c.Get(ctx, id)
	if err != nil {
		return err
	}
	var ends []string
	for _, s := range r.Secrets {
		end := "no end"
		if !s.EndsAt.IsZero() {
			end = s.EndsAt.Format(time.RFC3339)
		}
		ends = append(ends, end)
	}
	return c.print(map[string]any{
		"id": id, "from": "database", "state": r.State, "version": r.Version, "created_at": r.CreatedAt, "created_by": r.CreatedBy, "changed_at": r.ChangedAt,
		"initial_token": r.Initial, "secrets_end": ends, "metadata": r.Metadata,
	})
}

func (c clientCommand) print(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (c clientCommand) rotate(ctx context.Context, args []string) error {
	flags := named("rotate-secret")
	overlap := flags.Duration("overlap", registration.Overlap, "")
	id, err := one(args, flags)
	if err != nil {
		return err
	}
	r, err := c.RotateSecret(ctx, c.by, id, *overlap)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "client %s: a new secret; the former one is good until %s\n", id, r.ChangedAt.Add(*overlap).Format(time.RFC3339))
	c.secret(r.Secret)
	return nil
}

func (c clientCommand) disable(ctx context.Context, args []string) error {
	return c.turned(args, "disabled", func(id string) error { _, err := c.Disable(ctx, c.by, id); return err })
}

func (c clientCommand) enable(ctx context.Context, args []string) error {
	flags := named("enable")
	version := flags.Int64("version", 0, "")
	id, err := one(args, flags)
	if err != nil {
		return err
	}
	if _, err := c.Enable(ctx, c.by, id, *version); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "client %s: enabled\n", id)
	return nil
}

func (c clientCommand) remove(ctx context.Context, args []string) error {
	return c.turned(args, "removed", func(id string) error { return c.Remove(ctx, c.by, id) })
}

func (c clientCommand) turned(args []string, how string, turn func(id string) error) error {
	id, err := one(args, named(how))
	if err != nil {
		return err
	}
	if err := turn(id); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "client %s: %s\n", id, how)
	return nil
}
