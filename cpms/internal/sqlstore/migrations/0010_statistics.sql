-- What was submitted and decided in a span of time.
CREATE INDEX requests_submitted ON requests (submitted_at, network) WHERE submitted_at > 0;
CREATE INDEX requests_decided ON requests (decided_at, network, role, state, submitted_at) WHERE decided_at > 0;
