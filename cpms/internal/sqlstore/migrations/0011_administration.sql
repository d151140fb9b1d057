-- What administrators change of the compiled-in lists of networks and hospitals. A hospital
-- that was not added is one of the list that is no longer to be chosen.
CREATE TABLE network_settings (
    slug       TEXT    NOT NULL PRIMARY KEY,
    helpdesk   TEXT    NOT NULL,
    closed     BOOLEAN NOT NULL,
    version    BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);
CREATE TABLE hospitals (
    id         TEXT    NOT NULL PRIMARY KEY,
    country    TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    networks   TEXT    NOT NULL,
    added      BOOLEAN NOT NULL,
    disabled   BOOLEAN NOT NULL,
    updated_at BIGINT  NOT NULL
);
