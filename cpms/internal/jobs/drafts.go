package jobs

import (
	"context"
	"time"
)

// DraftLife is how long a draft is kept after its last change: what nobody submits is not
// collected for ever.
const DraftLife = 90 * 24 * time.Hour

// Drafts removes the drafts that nobody touched for DraftLife.
func (j *Jobs) Drafts(ctx context.Context) error {
	for {
		n, err := j.Store.DropDrafts(ctx, j.Now().Add(-DraftLife), batch)
		if err != nil || n < batch {
			return err
		}
	}
}
