package sqlstore

import (
	"context"
	"errors"
	"slices"

	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/proto/kit/sqldb"
)

// indexName writes the words that a person is found by. They are kept as bytes, so that both
// databases order them the same way whatever the collation.
func indexName(ctx context.Context, tx *sqldb.Tx, p person.Person) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM person_words WHERE person_id = $1`, p.ID); err != nil {
		return err
	}
	for _, w := range plain.Words(p.Name()) {
		if _, err := tx.ExecContext(ctx, `INSERT INTO person_words (word, person_id) VALUES ($1, $2)`, []byte(w), p.ID); err != nil {
			return err
		}
	}
	return nil
}

// PeopleNamed gives the ids of people with a name in which every word begins one, at most so
// many. The longest word leads, because it names the fewest.
func (s *Store) PeopleNamed(ctx context.Context, words []string, most int) ([]string, error) {
	w := naming(words, most)
	rows, err := s.db.QueryContext(ctx, w.sql, w.args...)
	return all(rows, err, func(r interface{ Scan(...any) error }) (id string, err error) { return id, r.Scan(&id) })
}

// naming is the statement of PeopleNamed.
func naming(words []string, most int) walk {
	words = slices.SortedFunc(slices.Values(words), func(a, b string) int { return len(b) - len(a) })
	w := walk{}
	between := func(table, word string) string {
		return table + ".word >= " + w.arg([]byte(word)) + " AND " + table + ".word < " + w.arg(append([]byte(word), 0xff))
	}
	where := between("a", words[0])
	for _, word := range words[1:] {
		where += " AND EXISTS (SELECT 1 FROM person_words b WHERE b.person_id = a.person_id AND " + between("b", word) + ")"
	}
	w.sql = `SELECT DISTINCT a.person_id FROM person_words a WHERE ` + where + ` LIMIT ` + w.arg(most)
	return w
}

// indexBatch is how many names one transaction of IndexNames takes.
const indexBatch = 200

// IndexNames makes the people found by name who signed in before there was a search. It is
// done when it returns; run it once at start.
func (s *Store) IndexNames(ctx context.Context) error {
	for {
		rows, err := s.db.QueryContext(ctx, `
			SELECT `+personColumns+` FROM people
			WHERE status <> 'erased' AND (given_name <> '' OR family_name <> '') AND NOT EXISTS (SELECT 1 FROM person_words w WHERE w.person_id = people.id)
			LIMIT $1`, indexBatch)
		list, err := all(rows, err, scanPerson)
		if err != nil || len(list) == 0 {
			return err
		}
		found := false
		err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
			for _, p := range list {
				found = found || len(plain.Words(p.Name())) > 0
				err := alive(ctx, tx, p.ID)
				if errors.Is(err, person.ErrClosed) {
					continue // erased meanwhile: no name is left
				}
				if err == nil {
					err = indexName(ctx, tx, p)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || !found { // names without a word stay without
			return err
		}
	}
}
