-- Drafts that nobody touches any more are found by their last change.
CREATE INDEX requests_drafts ON requests (updated_at, id) WHERE state = 'draft';
