package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/admin"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/sqldb"
)

// Administers reports whether a person is an administrator.
func (s *Store) Administers(ctx context.Context, personID string) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM roles r JOIN people p ON p.issuer = r.issuer AND p.subject = r.subject
		WHERE p.id = $1 AND p.status = 'active' AND r.role = $2`, personID, access.AdministratorRole).Scan(&n)
	return n > 0, err
}

// Holders gives who coordinates by an operator's or administrator's word.
func (s *Store) Holders(ctx context.Context, most int) ([]admin.Holder, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT COALESCE(p.id, ''), COALESCE(p.given_name, ''), COALESCE(p.family_name, ''), COALESCE(p.email, ''), r.subject, r.network, r.given_at
		FROM roles r LEFT JOIN people p ON p.issuer = r.issuer AND p.subject = r.subject
		WHERE r.role = 'COORDINATOR' ORDER BY r.network, r.subject LIMIT $1`, most)
	return all(rows, err, func(r interface{ Scan(...any) error }) (h admin.Holder, err error) {
		var p person.Person
		var since int64
		err = r.Scan(&h.PersonID, &p.GivenName, &p.FamilyName, &h.Email, &h.Subject, &h.Network, &since)
		h.Name, h.Since = p.Name(), sqldb.FromMicros(since)
		return h, err
	})
}

// TakeFrom takes the role COORDINATOR; admin.ErrChanged when the person has it not.
func (s *Store) TakeFrom(ctx context.Context, p person.Person, slug string, w admin.Write) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return s.roleChange(ctx, tx, w)(takeRole(ctx, tx, p.Issuer, p.Subject, access.CoordinatorRole, slug))
	})
}

func (s *Store) roleChange(ctx context.Context, tx *sqldb.Tx, w admin.Write) func(bool, error) error {
	return func(changed bool, err error) error {
		if err != nil {
			return err
		}
		if !changed {
			return admin.ErrChanged
		}
		return record(ctx, tx, w.At, w.Events, w.Mails)
	}
}

// Overlay gives what administrators changed of the compiled-in lists.
func (s *Store) Overlay(ctx context.Context) (o network.Overlay, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT slug, helpdesk, closed, version FROM network_settings ORDER BY slug`)
	o.Settings, err = all(rows, err, func(r interface{ Scan(...any) error }) (n network.Setting, err error) {
		return n, r.Scan(&n.Slug, &n.Helpdesk, &n.Closed, &n.Version)
	})
	if err != nil {
		return o, err
	}
	added := map[string]bool{}
	rows, err = s.db.QueryContext(ctx, `SELECT id, country, name, networks, added, disabled FROM hospitals ORDER BY country, name, id`)
	list, err := all(rows, err, func(r interface{ Scan(...any) error }) (h network.Hospital, err error) {
		var networks string
		var own bool
		err = r.Scan(&h.ID, &h.Country, &h.Name, &networks, &own, &h.Disabled)
		h.Networks, added[h.ID] = strings.Fields(networks), own
		return h, err
	})
	for _, h := range list {
		switch {
		case added[h.ID]:
			o.Added = append(o.Added, h)
		case h.Disabled:
			o.Disabled = append(o.Disabled, h.ID)
		}
	}
	return o, err
}

// PutNetwork writes a network's setting over the version before it.
func (s *Store) PutNetwork(ctx context.Context, n network.Setting, w admin.Write) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		const first = `INSERT INTO network_settings (slug, helpdesk, closed, version, updated_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (slug) DO NOTHING`
		const next = `UPDATE network_settings SET helpdesk = $2, closed = $3, version = $4, updated_at = $5 WHERE slug = $1 AND version = $4 - 1`
		q := next
		if n.Version == 1 {
			q = first
		}
		res, err := tx.ExecContext(ctx, q, n.Slug, n.Helpdesk, n.Closed, n.Version, sqldb.Micros(w.At))
		if err := oneRow(res, err, admin.ErrChanged); err != nil {
			return err
		}
		return record(ctx, tx, w.At, w.Events, w.Mails)
	})
}

// AddHospital adds a hospital under the next free id of its country.
func (s *Store) AddHospital(ctx context.Context, h network.Hospital, w admin.Write) (network.Hospital, error) {
	for number := network.AddedFrom; number <= 9999; number++ {
		h.ID = fmt.Sprintf("%s-%d", strings.ToLower(h.Country), number)
		taken := false
		err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
			res, err := tx.ExecContext(ctx, `INSERT INTO hospitals (id, country, name, networks, added, disabled, updated_at) VALUES ($1, $2, $3, $4, TRUE, FALSE, $5) ON CONFLICT (id) DO NOTHING`,
				h.ID, h.Country, h.Name, strings.Join(h.Networks, " "), sqldb.Micros(w.At))
			added, err := changed(res, err)
			if taken = !added; err != nil || taken {
				return err
			}
			for i := range w.Events {
				w.Events[i].Object = h.ID
			}
			return record(ctx, tx, w.At, w.Events, w.Mails)
		})
		if err != nil || !taken {
			return h, err
		}
	}
	return h, admin.ErrChanged
}

// Disable takes a hospital off the choices, or puts it back; admin.ErrChanged when it is so
// already.
func (s *Store) Disable(ctx context.Context, id string, disabled bool, w admin.Write) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			INSERT INTO hospitals (id, country, name, networks, added, disabled, updated_at) VALUES ($1, '', '', '', FALSE, $2, $3)
			ON CONFLICT (id) DO UPDATE SET disabled = excluded.disabled, updated_at = excluded.updated_at WHERE hospitals.disabled <> excluded.disabled`, id, disabled, sqldb.Micros(w.At))
		if err := oneRow(res, err, admin.ErrChanged); err != nil {
			return err
		}
		return record(ctx, tx, w.At, w.Events, w.Mails)
	})
}
